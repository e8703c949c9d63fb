import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { appendOwnLines, readOwnText, replaceOwnText } from './state-lines.ts';

/** A file about to be deleted, as it stands in the journal. */
export interface DeleteIntent {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** Says on disk what is about to be deleted, before it is: whatever happens then, nothing is gone without a trace. */
export interface DeleteJournal {
  /** Durable when it returns. @throws SYS-0161. */
  intend(batch: readonly DeleteIntent[]): void;
  /** Durable when it returns. @throws SYS-0161. */
  record(results: ReadonlyArray<{ readonly path: string; readonly deleted: boolean }>): void;
  /** The run has ended and its log is written. @throws SYS-0161. */
  close(): void;
}

/** What a run that was killed had announced and not confirmed. */
export interface UnconfirmedDeletion extends DeleteIntent {
  readonly runId: string;
  readonly backupId: string;
}

/** Which journal, and which run writes it. */
export interface JournalPlace {
  readonly stateFolder: string;
  readonly dataRoot: string;
  readonly runId: string;
  readonly backupId: string;
}

/** The journal of one data set; it holds the run that is under way and is empty between runs. */
export function openJournal(files: KeepFiles, place: JournalPlace): DeleteJournal {
  const { runId, backupId } = place;
  const path = journalPath(place);
  return {
    intend(batch) {
      appendOwnLines(
        files,
        path,
        batch.map((intent) => JSON.stringify({ act: 'intend', runId, backupId, ...intent })),
      );
    },
    record(results) {
      appendOwnLines(
        files,
        path,
        results.map((result) =>
          JSON.stringify({ act: result.deleted ? 'deleted' : 'kept', path: result.path }),
        ),
      );
    },
    close: () => clearJournal(files, place),
  };
}

/** What an earlier run announced and did not confirm, because it was killed. @throws SYS-0161. */
export function readUnconfirmed(
  files: KeepFiles,
  place: Pick<JournalPlace, 'stateFolder' | 'dataRoot'>,
): readonly UnconfirmedDeletion[] {
  const open = new Map<string, UnconfirmedDeletion>();
  const lines = (readOwnText(files, journalPath(place)) ?? '').split('\n');
  // What follows the last line end was cut off by a crash, before anybody acted on it.
  lines.pop();
  for (const line of lines) {
    const entry = parseEntry(line);
    if (entry?.act === 'intend') open.set(entry.path, entry);
    else if (entry !== undefined) open.delete(entry.path);
  }
  return [...open.values()];
}

/** Forgets what an earlier run announced, after the log has told what became of it. @throws SYS-0161. */
export function clearJournal(
  files: KeepFiles,
  place: Pick<JournalPlace, 'stateFolder' | 'dataRoot' | 'runId'>,
): void {
  replaceOwnText(files, journalPath(place), { text: '', runId: place.runId });
}

type JournalEntry =
  | ({ readonly act: 'intend' } & UnconfirmedDeletion)
  | { readonly act: 'deleted' | 'kept'; readonly path: string };

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // Only this file's own writer makes these lines.
    return typeof value === 'object' && value !== null && 'act' in value
      ? (value as JournalEntry)
      : undefined;
  } catch {
    return undefined;
  }
}

function journalPath({ stateFolder, dataRoot }: Pick<JournalPlace, 'stateFolder' | 'dataRoot'>): string {
  const name = createHash('sha256').update(dataRoot).digest('hex').slice(0, 16);
  return posix.join(stateFolder, 'maintenance', `deletions-${name}.jsonl`);
}
