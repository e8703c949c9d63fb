import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

/** What work elsewhere last said about itself, one row for each key. */
export const pings: Migration = {
  version: 7,
  name: 'pings',
  statements: [
    `create table ping_state (
      ping_key text not null primary key check (length(ping_key) between 1 and 100),
      seen_at integer not null,
      ended_at integer,
      outcome text check ${isOneOf('outcome', ['success', 'fail'])},
      exit_code integer check (exit_code between 0 and 255),
      started_at integer,
      run_id text check (length(run_id) <= 100),
      body text check (length(body) <= 100000),
      constraint end_is_whole check ((ended_at is null) = (outcome is null))
    ) strict, without rowid`,
  ],
};
