import type { Migration } from './migration.ts';
import { isOneOf } from './word-check.ts';

/** What the backup roots hold, replaced as a whole: the folders themselves are the record. */
export const backups: Migration = {
  version: 8,
  name: 'backups',
  statements: [
    `create table backup_catalogue (
      backup_root text not null,
      backup_id text not null,
      source text not null,
      copy integer not null check (copy in (0, 1)),
      state text not null check ${isOneOf('state', ['verified', 'unverified', 'broken'])},
      problem text,
      strategy text not null,
      codec text not null,
      made_at integer not null,
      verified_at integer,
      files integer not null check (files >= 0),
      bytes integer not null check (bytes >= 0),
      source_bytes integer not null check (source_bytes >= 0),
      parent text,
      held integer not null check (held in (0, 1)),
      primary key (backup_root, backup_id)
    ) strict, without rowid`,

    `create table backup_listing (
      listing integer not null primary key check (listing = 1),
      run_id text not null,
      act text not null,
      listed_at integer not null,
      since_at integer not null,
      notes text not null check (json_valid(notes)),
      drills text not null check (json_valid(drills))
    ) strict`,
  ],
};
