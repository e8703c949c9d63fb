import { posix } from 'node:path';
import type { KeepFiles } from '../../ports/keep-files.ts';
import type { UnconfirmedDeletion } from './delete-journal.ts';
import type { DeletedFile } from './delete-request.ts';
import { expiredText, keptText } from './kept-text.ts';
import type { KeptFile } from './retention-policy.ts';
import { appendOwnLines } from './state-lines.ts';

/** The one place where every run says what it deleted and kept, below the state folder. */
export const CLEANUP_LOG = 'logs/maintenance/cleanup.log';

/** What a run has to say in the log. */
export type CleanupEntry =
  | { readonly kind: 'start'; readonly dataRoot: string; readonly backupRoot: string }
  | { readonly kind: 'recovered'; readonly file: UnconfirmedDeletion; readonly gone: boolean }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'backup-failed'; readonly message: string }
  | { readonly kind: 'held-back'; readonly why: string; readonly files: number }
  | { readonly kind: 'done'; readonly deleted: readonly DeletedFile[]; readonly kept: readonly KeptFile[] }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** Writes entries of one run; every line carries the time and the run. @throws SYS-0161. */
export function writeCleanupLog(
  files: KeepFiles,
  {
    stateFolder,
    runId,
    nowMs,
  }: { readonly stateFolder: string; readonly runId: string; readonly nowMs: number },
  entries: readonly CleanupEntry[],
): void {
  const head = `${new Date(nowMs).toISOString()} run=${runId}`;
  const lines = entries.flatMap(linesOf).map((line) => `${head} ${line}`);
  appendOwnLines(files, posix.join(stateFolder, CLEANUP_LOG), lines);
}

function linesOf(entry: CleanupEntry): readonly string[] {
  switch (entry.kind) {
    case 'start':
      return [`[START] data=${shown(entry.dataRoot)} backups=${shown(entry.backupRoot)}`];
    case 'recovered': {
      const { path, backupId, runId } = entry.file;
      const state = entry.gone ? 'deleted' : 'kept';
      return [`[RECOVERED] ${state}: ${shown(path)} announced by run ${runId}, in backup ${backupId}`];
    }
    case 'nothing':
      return ['[OK] cleanup deleted=0 skipped=0 nothing_to_do'];
    case 'backup-failed':
      return [`[SKIP] backup_failed -> no deletion (backup-first): ${shown(entry.message)}`];
    case 'held-back':
      return [`[SKIP] ${entry.why} -> no deletion of ${entry.files} files`];
    case 'done':
      return [
        `[OK] cleanup deleted=${entry.deleted.length} skipped=${entry.kept.length}`,
        ...entry.deleted.map(
          (file) =>
            `  - deleted: ${shown(file.path)}: ${expiredText(file.reason)}; in backup ${file.backupId}`,
        ),
        ...entry.kept.map((file) => `  - kept: ${shown(file.path)}: ${shown(keptText(file.reason))}`),
      ];
    case 'error':
      return [`[ERROR] cleanup failed: ${entry.code}: ${shown(entry.message)}`];
    default:
      return entry satisfies never;
  }
}

/** One line whatever the name of a file is: a name with a line end must not write lines of its own. */
function shown(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
