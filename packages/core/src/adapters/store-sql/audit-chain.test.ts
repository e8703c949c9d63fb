import { createHash } from 'node:crypto';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { auditOf, commitAll, sampleAudit } from '../../testing/store-samples.ts';
import { openSqliteStore } from './sqlite-store.ts';

const open = (path: string) => openSqliteStore({ path, now: () => 0 });

/** A file with five audited acts, on which the guards were taken away as somebody with the file could do. */
async function unguarded(path: string): Promise<DatabaseSync> {
  await using store = await open(path);
  for (let number = 1; number <= 5; number += 1) {
    await commitAll(store, auditOf(sampleAudit({ atMs: number, requestId: `request-${number}` })));
  }
  const raw = new DatabaseSync(path);
  for (const guard of ['insert', 'update', 'delete']) raw.exec(`drop trigger ops_audit_log_${guard}`);
  return raw;
}

it('hashes a row as documented: leaf over the body, link over domain, chain, number, previous hash and leaf', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-audit-'));
  const path = join(folder.path, 'ops.db');
  (await unguarded(path)).close();
  using raw = new DatabaseSync(path, { readOnly: true });
  let prev = Buffer.alloc(32);
  for (const row of raw.prepare('select * from ops_audit_log order by seq').all()) {
    const body = String(row['body']);
    const leaf = createHash('sha256').update('\0').update(body).digest();
    const number = Buffer.from(Number(row['seq']).toString(16).padStart(16, '0'), 'hex');
    const parts = [Buffer.from([1]), 'qts-ops/audit/v1', String(row['chain_id']), number, prev, leaf];
    const hash = createHash('sha256')
      .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
      .digest();
    expect(Buffer.from(row['leaf'] as Uint8Array).equals(leaf)).toBe(true);
    expect(Buffer.from(row['hash'] as Uint8Array).equals(hash)).toBe(true);
    prev = hash;
    const keys = Object.keys(JSON.parse(body));
    expect(keys).toEqual([...keys].sort());
    expect(row).toMatchObject({
      audit_id: row['seq'],
      operator_id: 'kim',
      action: 'START',
      created_at: row['seq'],
    });
  }
});

it.each([
  ['an edited reason', 3, `update ops_audit_log set body = replace(body, 'vendor', 'vendoR') where seq = 3`],
  [
    'one edited byte of a number',
    2,
    `update ops_audit_log set body = replace(body, '"ts":2', '"ts":3') where seq = 2`,
  ],
  ['an edited hash', 4, 'update ops_audit_log set hash = zeroblob(32) where seq = 4'],
  ['an edited leaf', 5, 'update ops_audit_log set leaf = zeroblob(32) where seq = 5'],
  ['an edited link', 1, 'update ops_audit_log set prev = randomblob(32) where seq = 1'],
  ['another chain', 2, `update ops_audit_log set chain_id = 'x' where seq = 2`],
  ['a removed row', 4, 'delete from ops_audit_log where seq = 3'],
  ["two rows in each other's place", 2, swap(2, 3)],
])('names the first row that was tampered with: %s', async (_, seq, tampering) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-audit-'));
  const path = join(folder.path, 'ops.db');
  const raw = await unguarded(path);
  raw.exec(tampering);
  raw.close();
  await using store = await open(path);
  expect(await store.verifyAuditChain(1)).toMatchObject({ seq, problem: expect.stringMatching(/\w/) });
});

it('finds a missing end only for a caller that remembers how far the chain went', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-audit-'));
  const path = join(folder.path, 'ops.db');
  const raw = await unguarded(path);
  raw.exec('delete from ops_audit_log where seq >= 4');
  raw.close();
  await using store = await open(path);
  expect(await store.verifyAuditChain(1)).toBeUndefined();
  expect(await store.verifyAuditChain(5 + 1)).toEqual({ seq: 5, problem: 'the row is missing' });
});

it('verifies a chain of many pages', async () => {
  await using store = await open(':memory:');
  await commitAll(store, ...Array.from({ length: 1501 }, () => auditOf(sampleAudit())));
  expect(await store.verifyAuditChain(1)).toBeUndefined();
  expect(await store.lastAuditSeq()).toBe(1501);
});

function swap(a: number, b: number): string {
  return `update ops_audit_log set seq = -1 where seq = ${a}; update ops_audit_log set seq = ${a} where seq = ${b};
    update ops_audit_log set seq = ${b} where seq = -1`;
}
