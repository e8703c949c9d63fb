import type { DatabaseCare } from '../../keep/maintenance/database-care.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Care of an open database by its own connection: nobody else may hold the one writer up. */
export function sqliteCare({ raw }: SqliteDatabase): DatabaseCare {
  const number = (pragma: string): number =>
    Number(Object.values(raw.prepare(`pragma ${pragma}`).get() ?? {})[0] ?? 0);
  return {
    refreshStatistics: () => raw.exec('pragma optimize'),
    space: () => ({
      pageBytes: number('page_size'),
      pages: number('page_count'),
      freePages: number('freelist_count'),
      incremental: number('auto_vacuum') === 2,
    }),
    giveBack: (pages) => raw.exec(`pragma incremental_vacuum(${Math.trunc(pages)})`),
    checkpoint: () => {
      const row = raw.prepare('pragma wal_checkpoint(truncate)').get() ?? {};
      return {
        busy: row['busy'] === 1,
        logPages: Number(row['log']),
        movedPages: Number(row['checkpointed']),
      };
    },
  };
}
