import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUuid } from '../../kernel/ids.ts';
import type { OutputFiles } from '../../ports/output-files.ts';
import { workError } from '../../run/executions/work-errors.ts';

const FOLDER = 'output';

/** Output files that are always kept. */
export interface NodeOutputFiles extends OutputFiles {
  save(executionId: string, text: string): Promise<string>;
}

/**
 * Keeps output as `output/<first two digits of the id>/<id>.log` below the state folder, readable by the owner only.
 * A file is there whole or not at all, also after a power cut.
 */
export function nodeOutputFiles(stateFolder: string): NodeOutputFiles {
  return {
    save: (executionId, text) => save(stateFolder, executionId, text),
    read: (path) => read(stateFolder, path),
  };
}

/** @throws InputDataException INP-0402 (id), SystemException SYS-0403 (disk). */
async function save(stateFolder: string, executionId: string, text: string): Promise<string> {
  if (!isUuid(executionId)) throw notOurs('executionId', executionId, 'a UUID');
  const path = outputPath(executionId.toLowerCase());
  const target = join(stateFolder, path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await makeFolder(stateFolder, dirname(target));
    await writeThrough(temporary, text);
    await rename(temporary, target);
    await syncFolder(dirname(target));
    return path;
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `output of ${executionId}: ${reason}; check free space and rights of ${stateFolder}`;
    throw workError('SYS-0403', message, { data: { executionId, path }, cause });
  }
}

/** @throws InputDataException INP-0402 for a path that `save` cannot have returned. */
async function read(stateFolder: string, path: string): Promise<string | undefined> {
  const id = path.slice(-40, -4);
  if (!isUuid(id) || path !== outputPath(id))
    throw notOurs('path', path, `${FOLDER}/<two digits>/<execution id>.log`);
  try {
    // A link in place of the file would lead out of the folder.
    return await readFile(join(stateFolder, path), {
      encoding: 'utf8',
      flag: constants.O_RDONLY | constants.O_NOFOLLOW,
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP')
      throw notOurs('path', path, 'a plain file');
    throw error;
  }
}

/** The path of an execution's output; always with `/`, because it is stored. */
function outputPath(executionId: string): string {
  return `${FOLDER}/${executionId.slice(0, 2)}/${executionId}.log`;
}

async function makeFolder(stateFolder: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  // New folders are entries of their parents; those too must survive a power cut.
  await syncFolder(dirname(folder));
  await syncFolder(stateFolder);
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notOurs(field: string, value: string, allowed: string): Error {
  const shown = JSON.stringify(value.slice(0, 200));
  return workError(
    'INP-0402',
    `${field}: ${shown}; allowed: ${allowed}; use the path that the execution names`,
  );
}
