import { chmodSync, closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { defineErrors } from '../../kernel/define-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';

/** How copying the engine's own database can fail. */
export const databaseBackupErrors = defineErrors({
  'SYS-0145': {
    severity: 'ERROR',
    retry: 'backoff',
    autoAlert: false,
    user: {
      en: 'A backup could not be made. Nothing was deleted.',
      ko: '백업을 만들지 못했습니다. 삭제된 것은 없습니다.',
    },
    operator: {
      en: 'The engine’s own database could not be copied, or its copy is damaged.',
      ko: '엔진 데이터베이스를 복사하지 못했거나 복사본이 손상되었습니다.',
    },
    remedy: {
      en: [
        'Check free space and rights of the backup folder.',
        'Check the database itself: qts-ops doctor. A damaged one is restored from an earlier backup.',
      ],
      ko: [
        '백업 폴더의 여유 공간과 권한을 확인하십시오.',
        '데이터베이스 자체를 점검하십시오: qts-ops doctor. 손상되었다면 이전 백업에서 복원하십시오.',
      ],
    },
  },
});

/** Pages copied at one go; between two of them the engine goes on writing. */
const PAGES = 1_000;

/**
 * Copies an SQLite database that may be in use to a new file (mode 0600), page by page through SQLite itself, so that
 * the copy is the state of one moment; then checks the copy and makes it durable.
 * @throws SYS-0145 with what SQLite says; nothing is left at `target` then. The reason of the signal when it aborts.
 */
export async function copySqliteDatabase(
  databasePath: string,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  // The empty file fixes the mode and proves that nothing was there.
  const fail = (error: unknown) => failedCopy(databasePath, target, error);
  try {
    closeSync(openSync(target, 'ax', 0o600));
  } catch (error) {
    throw fail(error);
  }
  try {
    await copyPages(databasePath, target, signal);
    finishCopy(target);
  } catch (error) {
    rmSync(target, { force: true });
    signal?.throwIfAborted();
    throw fail(error);
  }
}

async function copyPages(
  databasePath: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const source = new DatabaseSync(databasePath, { readOnly: true, timeout: 5_000 });
  try {
    await backup(source, target, { rate: PAGES, progress: () => signal?.throwIfAborted() });
  } finally {
    source.close();
  }
  signal?.throwIfAborted();
}

function failedCopy(databasePath: string, target: string, cause: unknown): Error {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return opsException('SYS-0145', `database ${databasePath}: its copy ${target}: ${problem}`, {
    data: { databasePath },
    cause,
  });
}

/** What SQLite's own full check finds wrong with a database that nobody uses; undefined when it is whole. */
export function sqliteProblem(databasePath: string): string | undefined {
  try {
    const database = new DatabaseSync(databasePath, { readOnly: true });
    try {
      const finding = Object.values(database.prepare('pragma integrity_check(1)').get() ?? {})[0];
      return finding === 'ok' ? undefined : `integrity_check: ${String(finding)}`;
    } finally {
      database.close();
    }
  } catch (error) {
    return `it does not open as a database: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A copy is a plain file of its own: without a log beside it, whole by SQLite's own check, and on disk. */
function finishCopy(target: string): void {
  const copy = new DatabaseSync(target);
  try {
    copy.exec('pragma journal_mode = delete');
    const finding = Object.values(copy.prepare('pragma quick_check(1)').get() ?? {})[0];
    if (finding !== 'ok') throw new Error(String(finding));
  } finally {
    copy.close();
  }
  chmodSync(target, 0o600);
  const file = openSync(target, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
