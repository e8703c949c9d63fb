import { isOpsException, type OpsException, opsException } from '../../kernel/ops-exception.ts';
import './store-errors.ts';

/** Result codes of SQLite that the store tells apart; the low byte is the primary code. */
const PRIMARY = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;
const CONSTRAINT = 19;
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_TRIGGER = 1811;
const CONSTRAINT_UNIQUE = 2067;

/** Triggers start their message with this when they refuse what a unique index would refuse too late. */
export const CONFLICT_PREFIX = 'conflict: ';

interface SqliteFailure extends Error {
  readonly errcode: number;
}

/** Thrown inside a transaction when an expectation does not hold, so that everything is rolled back. */
export class CommitConflict extends Error {
  override readonly name = 'CommitConflict';
}

/** True for a refusal that means "somebody was there first": decide again. */
export function isConflict(error: unknown): boolean {
  if (error instanceof CommitConflict) return true;
  if (!isSqliteFailure(error)) return false;
  if (error.errcode === CONSTRAINT_PRIMARYKEY || error.errcode === CONSTRAINT_UNIQUE) return true;
  return error.errcode === CONSTRAINT_TRIGGER && error.message.includes(CONFLICT_PREFIX);
}

/** The declared exception for anything `node:sqlite` throws; a mistake in our own calls is returned as it is. */
export function toStoreError(error: unknown, path: string): unknown {
  if (isOpsException(error)) return error;
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE') {
    return opsException('SYS-0101', `the database ${path} is closed; open it again`, {
      data: { path },
      cause: error,
    });
  }
  if (!isSqliteFailure(error)) return error;
  const data = { path, sqliteCode: error.errcode };
  const details = { data, cause: error };
  switch (error.errcode & 0xff) {
    case PRIMARY.BUSY:
    case PRIMARY.LOCKED:
      return opsException(
        'SYS-0102',
        `the database ${path} is locked by another process (${error.message})`,
        details,
      );
    case PRIMARY.FULL:
      return opsException(
        'SYS-0302',
        `the disk of ${path} is full; free some space (${error.message})`,
        details,
      );
    case PRIMARY.CORRUPT:
    case PRIMARY.NOTADB:
      return corruptFile(path, error.message, error);
    case CONSTRAINT:
      return opsException('SYS-0106', `the database ${path} refused a change: ${error.message}`, details);
    default:
      return opsException('SYS-0101', `the database ${path} cannot be used: ${error.message}`, details);
  }
}

/** Damaged or foreign file: says what is wrong and what to do, and that nothing was changed. */
export function corruptFile(path: string, problem: string, cause?: unknown): OpsException {
  const remedy =
    'keep the file, move it aside with its -wal and -shm, and put back a backup or a .before-NNNN copy';
  return opsException(
    'SYS-0103',
    `${path} is not a usable qts-ops database (${problem}); nothing was changed; ${remedy}`,
    {
      data: { path, problem },
      cause,
    },
  );
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}
