import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineErrors } from '../../kernel/define-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { KeepLock, KeepLockOwner, KeepLocks } from '../../ports/keep-files.ts';
import { makeFolders } from './folder-maker.ts';

/** How taking a root for backup, clean-up or restore can fail. */
export const keepLockErrors = defineErrors({
  'SYS-0126': {
    severity: 'ERROR',
    retry: 'backoff',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 5,
    user: { en: 'Another backup or clean-up is running.', ko: '다른 백업 또는 정리 작업이 실행 중입니다.' },
    operator: {
      en: 'Another run holds this root.',
      ko: '다른 실행이 이 루트를 사용 중입니다.',
    },
    remedy: {
      en: ['Wait until the run that the message names has ended; its lock ends with it.'],
      ko: ['메시지에 나온 실행이 끝날 때까지 기다립니다. 잠금은 함께 풀립니다.'],
    },
  },
  'SYS-0127': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user: {
      en: 'A backup or clean-up could not start.',
      ko: '백업 또는 정리 작업을 시작할 수 없습니다.',
    },
    operator: {
      en: 'The lock file of a root cannot be used.',
      ko: '루트의 잠금 파일을 사용할 수 없습니다.',
    },
    remedy: {
      en: [
        'Check that the lock file is on a local disk with free space and belongs to the account of the engine.',
        'A lock file that is damaged may be deleted while nothing runs on that root.',
      ],
      ko: [
        '잠금 파일이 여유 공간이 있는 로컬 디스크에 있고 엔진 계정의 소유인지 확인합니다.',
        '손상된 잠금 파일은 해당 루트에서 실행 중인 작업이 없을 때 삭제해도 됩니다.',
      ],
    },
  },
});

/** A handle that nobody refers to would be collected, and its lock with it. */
const held = new Set<DatabaseSync>();
const SQLITE_BUSY = 5;

/** Locks of roots: an exclusive transaction on a file of its own, which SQLite turns into a lock of the system. */
export function nodeKeepLocks(): KeepLocks {
  return { take };
}

function take(lockFile: string, owner: KeepLockOwner): KeepLock {
  let database: DatabaseSync | undefined;
  try {
    makeFolders(dirname(lockFile), 0o700);
    database = new DatabaseSync(lockFile, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    writeFileSync(noteFile(lockFile), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  } catch (error) {
    database?.close();
    throw isBusy(error) ? heldByOther(lockFile, error) : unusable(lockFile, error);
  }
  const lock = database;
  held.add(lock);
  return { release: () => letGo(lock) };
}

function letGo(lock: DatabaseSync): void {
  held.delete(lock);
  if (lock.isOpen) lock.close();
}

function heldByOther(lockFile: string, cause: unknown): Error {
  const owner = readOwner(lockFile);
  const who =
    owner === undefined
      ? `see ${noteFile(lockFile)}`
      : `run ${owner.runId}, pid ${owner.pid} on ${owner.host} since ${new Date(owner.sinceMs).toISOString()}`;
  return opsException('SYS-0126', `lock ${lockFile} is held by another run: ${who}`, {
    cause,
    data: { lockFile, ...(owner === undefined ? {} : { runId: owner.runId, pid: owner.pid }) },
  });
}

function unusable(lockFile: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `lock ${lockFile}: ${reason}; check its owner, its rights and free space`;
  return opsException('SYS-0127', message, { cause, data: { lockFile } });
}

/** The note of the owner; absent when it is missing or not one of ours, which only costs the name in a message. */
function readOwner(lockFile: string): KeepLockOwner | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(noteFile(lockFile), 'utf8'));
    return isOwner(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is KeepLockOwner {
  if (typeof value !== 'object' || value === null) return false;
  const { runId, pid, host, sinceMs } = value as Partial<Record<keyof KeepLockOwner, unknown>>;
  return (
    typeof runId === 'string' &&
    Number.isSafeInteger(pid) &&
    typeof host === 'string' &&
    typeof sinceMs === 'number' &&
    Number.isFinite(new Date(sinceMs).getTime())
  );
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function noteFile(lockFile: string): string {
  return `${lockFile}.json`;
}
