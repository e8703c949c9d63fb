import { existsSync, statSync } from 'node:fs';
import { MIGRATIONS } from './migrations/index.ts';
import { APPLICATION_ID, SqliteDatabase } from './sqlite-database.ts';
import { toStoreError } from './sqlite-error.ts';
import { schemaVersion } from './sqlite-file.ts';

/** What can be said about a store's file without an engine and without changing it. */
export interface StoreLook {
  readonly bytes: number;
  /** Newest migration of the file; 0 before the first. */
  readonly version: number;
  /** Newest migration of this program. */
  readonly knownVersion: number;
  /** False for a database of another program. */
  readonly isOurs: boolean;
  /** First finding of the database's own check; absent when it found nothing. */
  readonly damage?: string;
}

/** How long the runs of a target took, as far as they are on record. */
export interface RecordedDuration {
  readonly medianMs: number;
  /** What its newest successful runs took, at most 101 of them, the shortest first. */
  readonly takenMs: readonly number[];
}

const NEWEST_RUNS = 101;

/**
 * Looks at a store's file, also while an engine uses it; undefined when there is none.
 * @throws OpsException SYS-0103 for a file that is no database, SYS-0101 when it cannot be opened.
 */
export function lookAtStore(path: string): StoreLook | undefined {
  return readOnly(path, (database) => {
    const applicationId = database.raw.prepare('pragma application_id').get()?.['application_id'];
    const check = database.raw.prepare('pragma quick_check(1)').get();
    const finding = check === undefined ? 'ok' : String(Object.values(check)[0]);
    return {
      bytes: statSync(path).size,
      version: schemaVersion(database),
      knownVersion: MIGRATIONS.at(-1)?.version ?? 0,
      isOurs: applicationId === APPLICATION_ID,
      ...(finding === 'ok' ? {} : { damage: finding }),
    };
  });
}

/** The durations of the newest successful runs of every target; undefined when there is no store. */
export function readRecordedDurations(path: string): ReadonlyMap<string, RecordedDuration> | undefined {
  return readOnly(path, (database) => {
    if (schemaVersion(database) === 0) return new Map();
    const jobs = database.raw.prepare('select job_id from batch_job').all();
    const newest = database.raw.prepare(
      `select ended_at - started_at as ms from batch_execution
        where job_id = ? and status = 'SUCCESS' order by created_at desc limit ${NEWEST_RUNS}`,
    );
    const durations = new Map<string, RecordedDuration>();
    for (const job of jobs) {
      const jobId = String(job['job_id']);
      const taken = newest.all(jobId).map((row) => Math.max(0, Number(row['ms'])));
      const takenMs = taken.toSorted((a, b) => a - b);
      const medianMs = takenMs[Math.floor(takenMs.length / 2)];
      if (medianMs !== undefined) durations.set(jobId, { medianMs, takenMs });
    }
    return durations;
  });
}

/**
 * Reads a store's file and changes nothing; undefined when there is none.
 * @throws OpsException SYS-0103 for a file that is no database, SYS-0101 when it cannot be opened.
 */
export function readOnly<T>(path: string, read: (database: SqliteDatabase) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  let database: SqliteDatabase | undefined;
  try {
    database = SqliteDatabase.openReadOnly(path);
    return read(database);
  } catch (error) {
    throw toStoreError(error, path);
  } finally {
    database?.close();
  }
}
