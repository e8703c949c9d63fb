import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineErrors } from '../../kernel/define-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';

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

/**
 * Takes the one lock of a state folder. The operating system holds it and lets go when the process ends, however it
 * ends, so a lock can neither be stale nor be stolen; the note beside it only names the owner.
 * @throws SYS-0110 naming the owner when another process holds it.
 */
export function lockState(stateFolder: string, owner: LockOwner): StateLock {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const notePath = join(stateFolder, 'engine.json');
  const database = openLock(join(stateFolder, 'engine.lock'), stateFolder, notePath);
  const previousOwner = readLockOwner(stateFolder);
  writeFileSync(notePath, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
  return {
    previousOwner,
    release() {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/** The note of the last engine that held a state folder; absent when there is none or it cannot be read. */
export function readLockOwner(stateFolder: string): LockOwner | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(join(stateFolder, 'engine.json'), 'utf8'));
    return isLockOwner(note) ? note : undefined;
  } catch {
    // A missing or half-written note only costs the name in a message.
    return undefined;
  }
}

/** True while some process holds the lock of a state folder. */
export function isStateLocked(stateFolder: string): boolean {
  try {
    const database = new DatabaseSync(join(stateFolder, 'engine.lock'), { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE; ROLLBACK');
      return false;
    } catch {
      return true;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

/** An exclusive transaction on a file of its own: SQLite turns it into a lock of the operating system. */
function openLock(path: string, stateFolder: string, notePath: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database.close();
    const owner = readLockOwner(stateFolder);
    const who =
      owner === undefined
        ? `see ${notePath}`
        : `pid ${owner.pid} on ${owner.host} since ${new Date(owner.sinceMs).toISOString()}`;
    throw opsException('SYS-0110', `state folder ${stateFolder} is held by another engine: ${who}`, {
      cause,
      data: {
        stateFolder,
        ...(owner === undefined ? {} : { pid: owner.pid, host: owner.host, sinceMs: owner.sinceMs }),
      },
    });
  }
}

function isLockOwner(value: unknown): value is LockOwner {
  return (
    typeof value === 'object' && value !== null && 'pid' in value && 'bootId' in value && 'sinceMs' in value
  );
}
