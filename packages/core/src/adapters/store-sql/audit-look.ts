import { CHAIN_BEFORE_FIRST, type ChainHead, findChainProblem } from './audit-chain.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { schemaVersion } from './sqlite-file.ts';
import { readOnly } from './store-look.ts';
import type { AuditStoredRow } from './store-schema.ts';

/** So many of the newest rows are read, which takes about a second. */
export const AUDIT_LOOK_ROWS_MAX = 50_000;

/** The migration that brought the audit log. */
const AUDIT_SCHEMA = 3;

/** What the chain of the audit log says about its rows. */
export interface AuditLook {
  /** Number of the newest row; 0 where there is none. */
  readonly lastSeq: number;
  /** How many of the newest rows were looked at, at most; all of them when it is `lastSeq`. */
  readonly rows: number;
  /** The first row that does not continue the one before it, and why; absent when all do. */
  readonly broken?: { readonly seq: number; readonly problem: string };
}

/**
 * Follows the chain of the audit log through its newest rows, also while an engine uses the store, and changes nothing.
 * Rows that are missing at its end cannot be seen. Undefined where there is no store yet.
 * @throws OpsException SYS-0103 for a file that is no database, SYS-0101 when it cannot be opened.
 */
export function lookAtAuditChain(path: string, rowsMax = AUDIT_LOOK_ROWS_MAX): AuditLook | undefined {
  return readOnly(path, (database) =>
    schemaVersion(database) < AUDIT_SCHEMA ? { lastSeq: 0, rows: 0 } : follow(database, rowsMax),
  );
}

function follow({ raw }: SqliteDatabase, rowsMax: number): AuditLook {
  // One transaction, so that an engine that goes on writing changes nothing between the questions.
  raw.exec('begin');
  const lastSeq = Number(raw.prepare('select max(seq) as seq from ops_audit_log').get()?.['seq'] ?? 0);
  const chainId = String(
    raw.prepare("select value from meta where name = 'audit_chain_id'").get()?.['value'],
  );
  const fromSeq = Math.max(1, lastSeq - rowsMax + 1);
  const look = { lastSeq, rows: lastSeq - fromSeq + 1 };
  let head = headBefore(raw, fromSeq);
  if (head === undefined) return { ...look, broken: { seq: fromSeq - 1, problem: 'the row is missing' } };
  const rows = raw.prepare(
    'select seq, chain_id, prev, leaf, hash, body from ops_audit_log where seq >= ? order by seq',
  );
  for (const found of rows.iterate(fromSeq)) {
    // The columns are those of the table, which is strict.
    const row = found as unknown as AuditStoredRow;
    const problem = findChainProblem(chainId, head, row);
    if (problem !== undefined) return { ...look, broken: { seq: row.seq, problem } };
    head = row;
  }
  return look;
}

function headBefore(raw: SqliteDatabase['raw'], seq: number): ChainHead | undefined {
  if (seq === 1) return CHAIN_BEFORE_FIRST;
  const row = raw.prepare('select seq, hash from ops_audit_log where seq = ?').get(seq - 1);
  // As above.
  return row as ChainHead | undefined;
}
