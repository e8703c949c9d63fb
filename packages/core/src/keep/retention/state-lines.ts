import { posix } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { problemText } from '../backup/backup-errors.ts';
import './retention-errors.ts';

const NEWLINE = 0x0a;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Ends a line that a crash cut off: it was never confirmed and says nothing. */
export const CUT_MARK = ' [cut short]';

/** Reads a text of ours; undefined when it does not exist. @throws SYS-0161. */
export function readOwnText(files: KeepFiles, path: string): string | undefined {
  return orStateError(path, () => {
    if (files.facts(path) === undefined) return undefined;
    const file = files.openRead(path);
    try {
      const { size } = file.facts();
      const bytes = Buffer.alloc(size);
      let at = 0;
      for (let count = -1; at < size && count !== 0; at += count) count = file.read(bytes, at, size - at, at);
      return bytes.toString('utf8', 0, at);
    } finally {
      file.close();
    }
  });
}

/**
 * Adds whole lines to a file of ours and makes them durable. The rest of a line that a crash cut off is marked, for
 * nobody was told that it was written; nothing is ever taken away, for another process may add lines at the same time.
 * @throws SYS-0161.
 */
export function appendOwnLines(files: KeepFiles, path: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  orStateError(path, () => {
    const folder = posix.dirname(path);
    makeDurableFolder(files, folder);
    const isNew = files.facts(path) === undefined;
    const mark = !isNew && endsInTheMiddle(files, path) ? `${CUT_MARK}\n` : '';
    const file = files.openAppend(path, PRIVATE_FILE);
    try {
      writeAll(file, Buffer.from(`${mark}${lines.join('\n')}\n`));
      file.sync();
    } finally {
      file.close();
    }
    if (isNew) files.syncFolder(folder);
  });
}

/** Replaces a small file of ours as a whole, durably: either the old text or the new one is there. @throws SYS-0161. */
export function replaceOwnText(
  files: KeepFiles,
  path: string,
  { text, runId }: { readonly text: string; readonly runId: string },
): void {
  orStateError(path, () => {
    const folder = posix.dirname(path);
    makeDurableFolder(files, folder);
    const partial = `${path}.partial.${runId}`;
    const file = files.openAppend(partial, PRIVATE_FILE);
    try {
      file.truncate(0);
      writeAll(file, Buffer.from(text));
      file.sync();
    } finally {
      file.close();
    }
    files.rename(partial, path);
    files.syncFolder(folder);
  });
}

/** A folder that a loss of power does not take away again with everything in it. */
function makeDurableFolder(files: KeepFiles, folder: string): void {
  if (files.facts(folder) !== undefined) return;
  makeDurableFolder(files, posix.dirname(folder));
  files.makeFolder(folder, PRIVATE_FOLDER);
  files.syncFolder(posix.dirname(folder));
}

/** Writes everything, however often the system takes only a part. */
function writeAll(file: OpenedFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += file.write(bytes, at, bytes.length - at);
}

function endsInTheMiddle(files: KeepFiles, path: string): boolean {
  const file = files.openRead(path);
  try {
    const { size } = file.facts();
    const last = Buffer.alloc(1);
    return size > 0 && file.read(last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
  } finally {
    file.close();
  }
}

function orStateError<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw opsException('SYS-0161', `${path}: ${problemText(error)}`, { data: { path }, cause: error });
    }
    throw error;
  }
}
