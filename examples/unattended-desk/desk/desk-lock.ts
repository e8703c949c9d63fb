import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readIfPresent } from './durable-files.ts';

/** Thrown when another process already works on a data folder. */
export class DeskBusyError extends Error {
  override readonly name = 'DeskBusyError';
}

/** Proof that this process alone writes to a data folder, until disposed or until the process ends. */
export type DeskLock = Disposable;

/**
 * Takes the data folder for this process, or throws `DeskBusyError` naming the owner. The operating system holds
 * the lock (through an exclusive SQLite transaction), so that a killed owner leaves none behind.
 */
export function lockDesk(dataDir: string): DeskLock {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, 'desk.lock'));
  const ownerPath = join(dataDir, 'desk-owner.json');
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (!(cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY)) throw cause;
    const owner = readIfPresent(ownerPath)?.trim() ?? 'an unknown process';
    throw new DeskBusyError(`${dataDir} is in use by ${owner}; stop it first, or use another --data folder`, {
      cause,
    });
  }
  writeFileSync(ownerPath, `${JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString() })}\n`);
  return { [Symbol.dispose]: () => database.close() };
}

const SQLITE_BUSY = 5;
