import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { auditOf, commitAll, sampleAudit } from '../../testing/store-samples.ts';
import { lookAtAuditChain } from './audit-look.ts';
import { openSqliteStore } from './sqlite-store.ts';

it('follows the newest rows of the chain, says how many, and names the first that does not continue it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-audit-look-'));
  const path = join(folder.path, 'ops.db');
  expect(lookAtAuditChain(path)).toBeUndefined();
  await using store = await openSqliteStore({ path, now: () => 0 });
  expect(lookAtAuditChain(path)).toEqual({ lastSeq: 0, rows: 0 });
  await commitAll(store, ...Array.from({ length: 5 }, () => auditOf(sampleAudit())));
  expect(lookAtAuditChain(path)).toEqual({ lastSeq: 5, rows: 5 });
  expect(lookAtAuditChain(path, 2)).toEqual({ lastSeq: 5, rows: 2 });
  using raw = new DatabaseSync(path);
  for (const guard of ['insert', 'update', 'delete']) raw.exec(`drop trigger ops_audit_log_${guard}`);
  raw.exec(`update ops_audit_log set body = replace(body, 'vendor', 'vendoR') where seq = 2`);
  expect(lookAtAuditChain(path)).toMatchObject({
    broken: { seq: 2, problem: expect.stringMatching(/body was changed/) },
  });
  // What lies before the rows that were read is not judged.
  expect(lookAtAuditChain(path, 2)).toEqual({ lastSeq: 5, rows: 2 });
  raw.exec('delete from ops_audit_log where seq = 3');
  expect(lookAtAuditChain(path, 2)).toMatchObject({ broken: { seq: 3, problem: 'the row is missing' } });
  expect(lookAtAuditChain(path, 3)).toMatchObject({
    broken: { seq: 4, problem: expect.stringMatching(/row 3 is missing/) },
  });
});
