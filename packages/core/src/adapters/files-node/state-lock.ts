import { chmodSync, closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineErrors } from '../../kernel/define-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import { makeFolders } from './folder-maker.ts';

/** How taking the state folder can fail. */
export const lockErrors = defineErrors({
  'SYS-0110': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 5,
    user: { en: 'The system is already running.', ko: '이미 실행 중입니다.' },
    operator: {
      en: 'Another engine holds this state folder.',
      ko: '다른 엔진이 이 상태 폴더를 사용 중입니다.',
    },
    remedy: {
      en: [
        'Use the running engine: qts-ops status, qts-tui.',
        'To replace it, stop it first; its lock ends with it.',
      ],
      ko: [
        '실행 중인 엔진을 사용하십시오: qts-ops status, qts-tui.',
        '교체하려면 먼저 종료하십시오. 잠금은 함께 풀립니다.',
      ],
    },
  },
  'SYS-0111': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user: { en: 'The system cannot start.', ko: '시스템을 시작할 수 없습니다.' },
    operator: {
      en: 'The state folder cannot be used: its lock could not be taken.',
      ko: '상태 폴더를 사용할 수 없습니다. 잠금을 얻지 못했습니다.',
    },
    remedy: {
      en: [
        'Check that the folder is on a local disk, has free space, and belongs to the account of the engine.',
        'A lock file that is damaged may be deleted while no engine runs.',
      ],
      ko: [
        '폴더가 로컬 디스크에 있고 여유 공간이 있으며 엔진 계정의 소유인지 확인하십시오.',
        '손상된 잠금 파일은 엔진이 실행 중이 아닐 때 삭제해도 됩니다.',
      ],
    },
  },
});

/** Who holds a state folder, for the message that names it. */
export interface LockOwner extends ProcessIdentity {
  readonly engineBootId: string;
  readonly sinceMs: number;
}

/** A held state folder. */
export interface StateLock {
  /** The owner written by the engine before this one, if it left its note behind. */
  readonly previousOwner: LockOwner | undefined;
  release(): void;
}

/** A look at the lock holds it for a moment; a start waits this long before it believes that it is taken, ms. */
const LOCK_WAIT_MS = 100;
/** A handle that nobody refers to would be collected, and its lock with it. */
const held = new Set<DatabaseSync>();
const SQLITE_BUSY = 5;
/** The last instant a date can hold, ms. */
const INSTANT_MAX_MS = 8_640_000_000_000_000;

/**
 * Takes the one lock of a state folder. The operating system holds it and lets go when the process ends, however it
 * ends, so a lock can neither be stale nor be stolen; the note beside it only names the owner.
 * @throws SYS-0110 naming the owner when another process holds it, SYS-0111 when the folder cannot be used.
 */
export function lockState(stateFolder: string, owner: LockOwner): StateLock {
  const database = openLock(stateFolder);
  try {
    const previousOwner = readLockOwner(stateFolder);
    writeFileSync(notePath(stateFolder), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
    return { previousOwner, release: () => closeLock(database) };
  } catch (error) {
    closeLock(database);
    throw unusable(stateFolder, error);
  }
}

/** The note of the last engine that held a state folder; absent when there is none or it cannot be read. */
export function readLockOwner(stateFolder: string): LockOwner | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(notePath(stateFolder), 'utf8'));
    return isLockOwner(note) ? note : undefined;
  } catch {
    // A missing or half-written note only costs the name in a message.
    return undefined;
  }
}

/** True while some process holds the lock of a state folder; leaves no trace where there is none. */
export function isStateLocked(stateFolder: string): boolean {
  if (!existsSync(lockPath(stateFolder))) return false;
  try {
    const database = new DatabaseSync(lockPath(stateFolder), { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE; ROLLBACK');
      return false;
    } catch (error) {
      return isBusy(error);
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

/** An exclusive transaction on a file of its own: SQLite turns it into a lock of the operating system. */
function openLock(stateFolder: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makeFolders(stateFolder, 0o700);
    keepPrivate(lockPath(stateFolder));
    database = new DatabaseSync(lockPath(stateFolder), { timeout: LOCK_WAIT_MS });
    database.exec('BEGIN EXCLUSIVE');
    held.add(database);
    return database;
  } catch (error) {
    database?.close();
    throw isBusy(error) ? heldByOther(stateFolder, error) : unusable(stateFolder, error);
  }
}

/**
 * Nobody else may read or hold the lock; its journal gets the same rights. A file that is there is never opened for this:
 * closing it would let go of a lock of this very process.
 */
function keepPrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  else if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/** May be called more than once. */
function closeLock(database: DatabaseSync): void {
  held.delete(database);
  if (!database.isOpen) return;
  if (database.isTransaction) database.exec('ROLLBACK');
  database.close();
}

function heldByOther(stateFolder: string, cause: unknown): Error {
  const owner = readLockOwner(stateFolder);
  const who =
    owner === undefined
      ? `see ${notePath(stateFolder)}`
      : `pid ${owner.pid} on ${owner.host} since ${new Date(owner.sinceMs).toISOString()}`;
  return opsException('SYS-0110', `state folder ${stateFolder} is held by another engine: ${who}`, {
    cause,
    data: {
      stateFolder,
      ...(owner === undefined ? {} : { pid: owner.pid, host: owner.host, sinceMs: owner.sinceMs }),
    },
  });
}

function unusable(stateFolder: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `state folder ${stateFolder}: ${reason}; check its owner, its rights and free space`;
  return opsException('SYS-0111', message, { cause, data: { stateFolder } });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function lockPath(stateFolder: string): string {
  return join(stateFolder, 'engine.lock');
}

function notePath(stateFolder: string): string {
  return join(stateFolder, 'engine.json');
}

/** The note is a file like any other: what does not look like one of ours is not shown. */
function isLockOwner(value: unknown): value is LockOwner {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, bootId, sinceMs } = value as Partial<Record<keyof LockOwner, unknown>>;
  return (
    Number.isSafeInteger(pid) &&
    typeof host === 'string' &&
    typeof bootId === 'string' &&
    typeof sinceMs === 'number' &&
    Math.abs(sinceMs) <= INSTANT_MAX_MS
  );
}
