import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { configError } from './config-errors.ts';

/** Longest path a socket may have, in bytes; the system's own limit is a few bytes above it. */
export const maxSocketPathBytes = 100;

const socketName = 'qts-ops.sock';
const pointerName = 'socket-path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Path the engine of a state folder listens on. The socket lies in the state folder; where that path is too long for
 * the system it lies in the user's run-time folder, and the file `socket-path` in the state folder says where.
 * Writes that file, so only an engine that holds the state folder's lock may call this; the folder must exist.
 * @throws SystemException SYS-0411 when no short folder belongs to this user alone.
 */
export function socketPathOf(stateFolder: string, env: Env = process.env): string {
  const direct = path.join(stateFolder, socketName);
  const pointer = path.join(stateFolder, pointerName);
  if (fits(direct)) {
    rmSync(pointer, { force: true });
    return direct;
  }
  const short = path.join(runtimeFolder(stateFolder, env), shortName(stateFolder));
  const partial = `${pointer}.${process.pid}`;
  writeFileSync(partial, `${short}\n`, { mode: 0o600 });
  renameSync(partial, pointer);
  return short;
}

/** Path a client connects to; it may not exist when no engine runs there. */
export function resolveSocket(stateFolder: string): string {
  const direct = path.join(stateFolder, socketName);
  if (fits(direct)) return direct;
  try {
    const short = readFileSync(path.join(stateFolder, pointerName), 'utf8').trim();
    return path.isAbsolute(short) && fits(short) ? short : direct;
  } catch {
    return direct;
  }
}

function fits(socketPath: string): boolean {
  return Buffer.byteLength(socketPath) <= maxSocketPathBytes;
}

function shortName(stateFolder: string): string {
  const hash = createHash('sha256').update(path.resolve(stateFolder)).digest('hex').slice(0, 12);
  return `qts-ops-${hash}.sock`;
}

/** The first folder that is short enough, exists or can be made, and that only this user can write to. */
function runtimeFolder(stateFolder: string, env: Env): string {
  const given = env['XDG_RUNTIME_DIR'];
  const userId = process.getuid?.() ?? 'user';
  const own = [os.tmpdir(), '/tmp'].map((folder) => path.join(folder, `qts-ops-${userId}`));
  const refused: string[] = [];
  if (given !== undefined && path.isAbsolute(given)) {
    if (fits(path.join(given, shortName(stateFolder))) && isPrivate(given)) return given;
    refused.push(given);
  }
  for (const folder of own) {
    if (fits(path.join(folder, shortName(stateFolder))) && isMade(folder) && isPrivate(folder)) return folder;
    refused.push(folder);
  }
  throw configError(
    'SYS-0411',
    `the socket path in ${stateFolder} is longer than ${maxSocketPathBytes} bytes, and none of ${[...new Set(refused)].join(', ')} is a short folder that belongs to this user alone; remedy: use a shorter state folder, or set XDG_RUNTIME_DIR`,
    { data: { stateFolder, refused: [...new Set(refused)] } },
  );
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch {
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  }
}

/** Anybody may create names in a shared folder, so ownership and mode are proven and links are not followed. */
function isPrivate(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return false;
  const userId = process.getuid?.();
  return userId === undefined || (found.uid === userId && (found.mode & 0o077) === 0);
}
