import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { backupError, problemText, systemCode } from './backup-errors.ts';
import { partialName, ROOT_MARKER } from './backup-names.ts';
import { readAt, writeAll } from './manifest-file.ts';

/** A backup root that is there and is marked. */
export interface BackupRoot {
  /** Without any link in it. */
  readonly path: string;
  /** Its identity: the same for as long as it is the same disk and folder. */
  readonly mark: string;
}

/** How a backup root is to be opened. */
export interface RootRequest {
  readonly backupRoot: string;
  /** Identity for a new root. */
  readonly runId: string;
  /** The mark known from earlier backups; a root without it or with another is refused, for its disk is not there. */
  readonly expectedMark?: string | undefined;
}

const MarkSchema = z.object({ qtsOpsBackupRoot: z.string().min(1) });
const SMALL_FILE_BYTES_MAX = 64 * 1024;

/**
 * Opens a backup root, and makes and marks it when nothing is expected of it yet.
 * @throws BAT-0504 when it is not the expected one, SYS-0142 when it cannot be made, read or written.
 */
export function openBackupRoot(files: KeepFiles, request: RootRequest): BackupRoot {
  const { backupRoot, runId, expectedMark } = request;
  return guardRoot(backupRoot, () => {
    if (expectedMark === undefined) files.makeFolder(backupRoot, 0o700);
    const mark = readMark(files, backupRoot);
    if (expectedMark !== undefined && mark !== expectedMark) throw notTheRoot(backupRoot, expectedMark, mark);
    if (mark === undefined) writeMark(files, backupRoot, runId);
    return { path: files.realPath(backupRoot), mark: mark ?? runId };
  });
}

/** The mark of a folder; undefined when it has none. */
export function readMark(files: KeepFiles, backupRoot: string): string | undefined {
  const text = readSmallFile(files, `${backupRoot}/${ROOT_MARKER}`);
  if (text === undefined) return undefined;
  const parsed = MarkSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data.qtsOpsBackupRoot : undefined;
}

function writeMark(files: KeepFiles, backupRoot: string, runId: string): void {
  replaceSmallFile(files, `${backupRoot}/${ROOT_MARKER}`, {
    text: `${JSON.stringify({ qtsOpsBackupRoot: runId })}\n`,
    partial: `${backupRoot}/${partialName(ROOT_MARKER, runId)}`,
  });
  files.syncFolder(backupRoot);
}

/** Turns what the system says about a backup root into a declared error; a declared one goes through. */
export function guardRoot<T>(backupRoot: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw rootError(backupRoot, error);
  }
}

/** The declared error for a failure while a backup root is used. */
export function rootError(backupRoot: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const message = `backup root ${backupRoot}: ${problemText(error)}`;
  return backupError(full ? 'SYS-0141' : 'SYS-0142', message, { data: { backupRoot, code }, cause: error });
}

/** A file of a few lines; undefined when it is missing or none. */
export function readSmallFile(files: KeepFiles, path: string): string | undefined {
  if (files.facts(path)?.kind !== 'file') return undefined;
  const file = files.openRead(path);
  try {
    return readAt(file, 0, Math.min(file.facts().size, SMALL_FILE_BYTES_MAX)).toString('utf8');
  } finally {
    file.close();
  }
}

/** Puts a small file in place, whole or not at all, replacing an older one. The folder is not synced. */
export function replaceSmallFile(
  files: KeepFiles,
  path: string,
  { text, partial }: { readonly text: string; readonly partial: string },
): void {
  const file = files.createNew(partial, 0o600);
  try {
    writeAll(file, Buffer.from(text));
    file.sync();
  } finally {
    file.close();
  }
  files.rename(partial, path);
}

/** JSON or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notTheRoot(backupRoot: string, expected: string, found: string | undefined): Error {
  const has = found === undefined ? `has no ${ROOT_MARKER}` : `is marked ${found}`;
  return backupError(
    'BAT-0504',
    `backup root ${backupRoot}: it ${has}, expected ${expected}; is its disk mounted?`,
    {
      data: { backupRoot, expected, ...(found === undefined ? {} : { found }) },
    },
  );
}
