import { createHash } from 'node:crypto';
import type { AuditEntry, AuditRow } from '../../guard/audit/audit-entry.ts';
import { canonicalJson, type JsonObject } from '../../kernel/json.ts';
import { present } from './row-values.ts';
import type { AuditStoredRow } from './store-schema.ts';

const DOMAIN = 'qts-ops/audit/v1';

/** The newest row as the next one sees it. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** What the first row continues: number 0 with 32 zero bytes. */
export const CHAIN_BEFORE_FIRST: ChainHead = { seq: 0, hash: new Uint8Array(32) };

/** The row that continues `head` with `entry`. */
export function chainedRow(chainId: string, head: ChainHead, entry: AuditEntry): AuditStoredRow {
  const body = canonicalJson(toBody(entry));
  const seq = head.seq + 1;
  const leaf = leafHash(body);
  return {
    seq,
    chain_id: chainId,
    prev: head.hash,
    leaf,
    hash: linkHash({ chainId, seq, prev: head.hash, leaf }),
    body,
  };
}

/** What is wrong with a row that should continue `head`; absent when nothing is. */
export function findChainProblem(chainId: string, head: ChainHead, row: AuditStoredRow): string | undefined {
  if (row.seq !== head.seq + 1) return `row ${head.seq + 1} is missing; the next one is ${row.seq}`;
  if (row.chain_id !== chainId) return `it belongs to chain ${row.chain_id}, not to ${chainId}`;
  if (!sameBytes(row.prev, head.hash)) return 'it does not continue the row before it';
  if (!sameBytes(row.leaf, leafHash(row.body))) return 'its body was changed after it was written';
  const { seq, prev, leaf } = row;
  if (!sameBytes(row.hash, linkHash({ chainId, seq, prev, leaf })))
    return 'its hash does not fit its contents';
  return undefined;
}

/** The entry a stored row holds. */
export function fromAuditRow(row: Pick<AuditStoredRow, 'seq' | 'hash' | 'body'>): AuditRow {
  // The body was written by `toBody`; the table's checks and the chain keep it so.
  const body = JSON.parse(row.body) as AuditBody;
  return {
    seq: row.seq,
    hash: Buffer.from(row.hash).toString('hex'),
    atMs: body.ts,
    auditType: body.audit_type,
    targetType: body.target.type,
    targetId: body.target.id,
    action: body.action,
    ...(body.before === undefined ? {} : { before: body.before }),
    ...(body.after === undefined ? {} : { after: body.after }),
    operatorId: body.actor.operator_id,
    operatorMethod: body.actor.method,
    operatorReason: body.reason,
    outcome: body.outcome,
    ...present('errorCode', body.error_code),
    requestId: body.request_id,
    ...present('requestFingerprint', body.request_fingerprint),
    ...present('executionId', body.execution_id),
    host: body.host,
  };
}

/** The hashed text of an entry; keys are written in canonical order, absent ones not at all. */
interface AuditBody {
  readonly v: 1;
  readonly ts: number;
  readonly audit_type: AuditEntry['auditType'];
  readonly action: AuditEntry['action'];
  readonly target: { readonly type: AuditEntry['targetType']; readonly id: string };
  readonly actor: { readonly operator_id: string; readonly method: string };
  readonly reason: string;
  readonly before?: AuditEntry['before'];
  readonly after?: AuditEntry['after'];
  readonly outcome: AuditEntry['outcome'];
  readonly error_code?: string;
  readonly request_id: string;
  readonly request_fingerprint?: string;
  readonly execution_id?: string;
  readonly host: string;
}

function toBody(entry: AuditEntry): JsonObject {
  const body: AuditBody = {
    v: 1,
    ts: entry.atMs,
    audit_type: entry.auditType,
    action: entry.action,
    target: { type: entry.targetType, id: entry.targetId },
    actor: { operator_id: entry.operatorId, method: entry.operatorMethod },
    reason: entry.operatorReason,
    ...(entry.before === undefined ? {} : { before: entry.before }),
    ...(entry.after === undefined ? {} : { after: entry.after }),
    outcome: entry.outcome,
    ...present('error_code', entry.errorCode),
    request_id: entry.requestId,
    ...present('request_fingerprint', entry.requestFingerprint),
    ...present('execution_id', entry.executionId),
    host: entry.host,
  };
  // An interface has no index signature; its members are JSON values all the same.
  return body as unknown as JsonObject;
}

/** SHA-256(0x00 ‖ body): the first byte keeps leaves and links apart. */
function leafHash(body: string): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(0)).update(body, 'utf8').digest();
}

interface Link {
  readonly chainId: string;
  readonly seq: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
}

/** SHA-256(0x01 ‖ domain ‖ chain id ‖ number as 8 bytes ‖ previous hash ‖ leaf). */
function linkHash({ chainId, seq, prev, leaf }: Link): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(seq));
  const hash = createHash('sha256').update(Uint8Array.of(1)).update(DOMAIN, 'utf8').update(chainId, 'utf8');
  return hash.update(number).update(prev).update(leaf).digest();
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
