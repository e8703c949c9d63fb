import { posix } from 'node:path';
import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { parseJson } from '../backup/backup-root.ts';
import { appendOwnLines, readOwnText } from '../retention/state-lines.ts';

/** Where drills are recorded, below the state folder; lines are only ever added. */
export const DRILLS_FILE = 'maintenance/drills.jsonl';

const DrilledSetSchema = z.object({
  set: z.string(),
  /** Absent when the set has no backup that could be tried. */
  backupId: z.string().optional(),
  outcome: z.enum(['passed', 'failed']),
  /** Why it failed. */
  problem: z.string().optional(),
  files: z.number(),
  bytes: z.number(),
  /** How old the data would be after a recovery now, ms: what the measured recovery point is. */
  ageMs: z.number(),
  /** How long the backup took to be read, or for a full drill to be restored, ms: the measured recovery time. */
  recoveryMs: z.number(),
  bytesPerSecond: z.number(),
  /** Newer backups of the set that are not verified; they were passed over. */
  newerUnverified: z.number(),
});

const DrillRecordSchema = z.object({
  runId: z.string(),
  /** `stream`: every byte was read and compared. `full`: everything was restored and compared. */
  kind: z.enum(['stream', 'full']),
  at: z.string(),
  atMs: z.number(),
  outcome: z.enum(['passed', 'failed']),
  sets: z.array(DrilledSetSchema),
  durationMs: z.number(),
});

/** What a drill found out about one set of backups. */
export type DrilledSet = z.infer<typeof DrilledSetSchema>;
/** What one drill found out. */
export type DrillRecord = z.infer<typeof DrillRecordSchema>;

/** Adds a drill to the record. @throws SYS-0161. */
export function recordDrill(files: KeepFiles, stateFolder: string, record: DrillRecord): void {
  appendOwnLines(files, posix.join(stateFolder, DRILLS_FILE), [JSON.stringify(record)]);
}

/** Every drill on record, oldest first; a line that cannot be read is passed over. @throws SYS-0161. */
export function readDrills(files: KeepFiles, stateFolder: string): readonly DrillRecord[] {
  const text = readOwnText(files, posix.join(stateFolder, DRILLS_FILE)) ?? '';
  return text.split('\n').flatMap((line) => {
    const parsed = DrillRecordSchema.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}

/** The last drill in which a set came back as it should; undefined when there was none. */
export function lastPassed(
  drills: readonly DrillRecord[],
  set: string,
  kind?: DrillRecord['kind'],
): DrillRecord | undefined {
  return drills.findLast(
    (drill) =>
      (kind === undefined || drill.kind === kind) &&
      drill.sets.some((drilled) => drilled.set === set && drilled.outcome === 'passed'),
  );
}
