import type { Migration } from './migration.ts';

/** When a look of a check last found anything at all; what was found before this step is only known of the last look. */
export const checkData: Migration = {
  version: 10,
  name: 'check-data',
  statements: [
    'alter table check_state add column last_known_at integer',
    `update check_state set last_known_at = last_at where last_status <> 'unknown'`,
  ],
};
