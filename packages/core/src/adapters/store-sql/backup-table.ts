import type { BackupRow, DrillRow, KeepNote } from '../../engine/keep/keep-state.ts';
import type { BackupListing, KeepChange } from '../../engine/keep/keep-store.ts';
import type { BackupCatalogueRow, BackupListingRow } from './backup-rows.ts';
import { present } from './row-values.ts';
import { pick, type SqlDialect } from './sql-statement.ts';
import { type Step, step } from './store-step.ts';

const ROW_COLUMNS: ReadonlyArray<keyof BackupCatalogueRow> = [
  'backup_root',
  'backup_id',
  'source',
  'copy',
  'state',
  'problem',
  'strategy',
  'codec',
  'made_at',
  'verified_at',
  'files',
  'bytes',
  'source_bytes',
  'parent',
  'held',
];
const LISTING_COLUMNS: ReadonlyArray<keyof BackupListingRow> = [
  'listing',
  'run_id',
  'act',
  'listed_at',
  'since_at',
  'notes',
  'drills',
];

/** Compiles every statement about backups. */
export function backupStatements({ statement }: SqlDialect) {
  return {
    clear: statement((db, _: object) => db.deleteFrom('backup_catalogue')),
    add: statement((db, row: BackupCatalogueRow) =>
      db.insertInto('backup_catalogue').values(pick(row, ROW_COLUMNS)),
    ),
    putListing: statement((db, row: BackupListingRow) =>
      db
        .insertInto('backup_listing')
        .values(pick(row, LISTING_COLUMNS))
        .onConflict((on) => on.column('listing').doUpdateSet(pick(row, LISTING_COLUMNS.slice(1)))),
    ),
    all: statement((db, _: object) =>
      db.selectFrom('backup_catalogue').selectAll().orderBy('backup_root').orderBy('backup_id'),
    ),
    listing: statement((db, _: object) => db.selectFrom('backup_listing').selectAll()),
  };
}

/** The writes of one listing: the one before is replaced as a whole. */
export function backupSteps(
  { clear, add, putListing }: ReturnType<typeof backupStatements>,
  { listing }: KeepChange,
): readonly Step[] {
  const { runId, act, atMs, sinceMs, backups, notes, drills } = listing;
  const row = { listing: 1, run_id: runId, act, listed_at: atMs, since_at: sinceMs };
  return [
    step(clear, {}),
    ...backups.map((backup) => step(add, toRow(backup))),
    step(putListing, { ...row, notes: JSON.stringify(notes), drills: JSON.stringify(drills) }),
  ];
}

function toRow(backup: BackupRow): BackupCatalogueRow {
  return {
    backup_root: backup.backupRoot,
    backup_id: backup.id,
    source: backup.source,
    copy: Number(backup.copy),
    state: backup.state,
    problem: backup.problem ?? null,
    strategy: backup.strategy,
    codec: backup.codec,
    made_at: Math.trunc(backup.madeAtMs),
    verified_at: backup.verifiedAtMs === undefined ? null : Math.trunc(backup.verifiedAtMs),
    files: backup.files,
    bytes: backup.bytes,
    source_bytes: backup.sourceBytes,
    parent: backup.parent ?? null,
    held: Number(backup.held),
  };
}

/** What the rows say, newest backup first. */
export function fromBackupRows(
  listing: BackupListingRow,
  rows: readonly BackupCatalogueRow[],
): BackupListing {
  return {
    runId: listing.run_id,
    act: listing.act,
    atMs: listing.listed_at,
    sinceMs: listing.since_at,
    backups: rows.map(fromRow).toSorted((a, b) => b.madeAtMs - a.madeAtMs),
    // Written by `backupSteps` alone.
    notes: JSON.parse(listing.notes) as KeepNote[],
    drills: JSON.parse(listing.drills) as DrillRow[],
  };
}

function fromRow(row: BackupCatalogueRow): BackupRow {
  return {
    id: row.backup_id,
    source: row.source,
    backupRoot: row.backup_root,
    copy: row.copy === 1,
    // The table's checks admit no other word.
    state: row.state as BackupRow['state'],
    ...present('problem', row.problem),
    strategy: row.strategy,
    codec: row.codec,
    madeAtMs: row.made_at,
    ...present('verifiedAtMs', row.verified_at),
    files: row.files,
    bytes: row.bytes,
    sourceBytes: row.source_bytes,
    ...present('parent', row.parent),
    held: row.held === 1,
  };
}
