import type { Migration } from './migration.ts';

/** Rows and rows per leading key of a store after some weeks: SQLite chooses indexes by these numbers. */
const TYPICAL: ReadonlyArray<readonly [table: string, index: string, statistics: string]> = [
  ['batch_execution', 'sqlite_autoindex_batch_execution_1', '1000000 1'],
  ['batch_execution', 'batch_execution_one_running', '10 1 1'],
  ['batch_execution', 'batch_execution_ready', '10 1 1'],
  ['batch_execution', 'batch_execution_success', '980000 98000 1'],
  ['batch_execution', 'batch_execution_failed', '10000 1 1'],
  ['batch_execution', 'batch_execution_stopped', '1000 1 1'],
  ['batch_execution', 'batch_execution_manual', '1000 1 1'],
  ['batch_execution', 'batch_execution_replay', '100 1 1'],
  ['batch_execution', 'batch_execution_job', '1000000 100000 1'],
  ['batch_execution', 'batch_execution_created', '1000000 10'],
  ['batch_execution', 'batch_execution_slot', '980000 98000 1'],
  ['batch_execution', 'batch_execution_idempotency', '1000 100 1'],
  ['batch_execution', 'batch_execution_parent', '100 1'],
  ['batch_execution', 'batch_execution_target_date', '1000 100'],
];

/**
 * Fixed statistics instead of measured ones: the choice of an index is then the same on an empty file, after a year
 * and in the tests, and never waits for an ANALYZE.
 */
export const plannerStatistics: Migration = {
  version: 4,
  name: 'planner-statistics',
  statements: [
    'analyze sqlite_schema',
    ...TYPICAL.map(([table, index, statistics]) => {
      return `insert into sqlite_stat1 (tbl, idx, stat) values ('${table}', '${index}', '${statistics}')`;
    }),
    // Loads what was written.
    'analyze sqlite_schema',
  ],
};
