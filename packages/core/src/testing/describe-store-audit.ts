import { expect, it } from 'vitest';
import type { AuditEntry } from '../guard/audit/audit-entry.ts';
import type { StoreUnderTest } from './describe-store.ts';
import {
  auditOf,
  commitAll,
  insertOf,
  SAMPLE_START_MS,
  sampleAudit,
  sampleExecution,
} from './store-samples.ts';

/** The chained log of manual acts. */
export function describeAuditStore(store: StoreUnderTest): void {
  it('gives back entries numbered from 1, newest first', async () => {
    const full: AuditEntry = sampleAudit({
      before: { status: 'RUNNING' },
      after: null,
      outcome: 'DENIED',
      errorCode: 'BAT-0101',
      requestFingerprint: 'f',
      executionId: 'e',
    });
    expect(await store().lastAuditSeq()).toBe(0);
    await commitAll(store(), auditOf(sampleAudit()), auditOf(full));
    await commitAll(store(), auditOf(sampleAudit({ operatorReason: '잘못된 시세를 다시 받기 위함' })));
    const { items, total } = await store().queryAudit({});
    expect(total).toBe(3);
    expect(items.map((row) => row.seq)).toStrictEqual([3, 2, 1]);
    expect(items[1]).toStrictEqual({ ...full, seq: 2, hash: items[1]?.hash });
    expect(items[1]?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await store().lastAuditSeq()).toBe(3);
    expect(await store().verifyAuditChain(1)).toBeUndefined();
    expect(await store().verifyAuditChain(3)).toBeUndefined();
  });

  it('gives back what was appended after a row, oldest first, in pages', async () => {
    const acts = Array.from({ length: 5 }, (_, n) => auditOf(sampleAudit({ requestId: `request-${n}` })));
    await commitAll(store(), ...acts);
    const found = async (seq: number, limit: number) =>
      (await store().readAuditAfter(seq, limit)).map((row) => row.seq);
    expect(await found(0, 100)).toStrictEqual([1, 2, 3, 4, 5]);
    expect(await found(2, 2)).toStrictEqual([3, 4]);
    expect(await found(5, 100)).toStrictEqual([]);
    expect(await store().readAuditAfter(4, 1)).toStrictEqual((await store().queryAudit({ limit: 1 })).items);
  });

  it('finds entries by every part of a query', async () => {
    await commitAll(
      store(),
      auditOf(sampleAudit()),
      auditOf(sampleAudit({ auditType: 'TARGET_PAUSE', operatorId: 'lee', requestId: 'request-2' })),
      auditOf(sampleAudit({ targetType: 'BATCH_EXECUTION', targetId: 'e', atMs: SAMPLE_START_MS + 5 })),
    );
    const found = async (query: Parameters<ReturnType<StoreUnderTest>['queryAudit']>[0]) => {
      return (await store().queryAudit(query)).items.map((row) => row.seq);
    };
    expect(await found({ auditType: 'TARGET_PAUSE' })).toStrictEqual([2]);
    expect(await found({ operatorId: 'kim', targetType: 'TARGET' })).toStrictEqual([1]);
    expect(await found({ targetId: 'e' })).toStrictEqual([3]);
    expect(await found({ requestId: 'request-2' })).toStrictEqual([2]);
    expect(await found({ fromMs: SAMPLE_START_MS + 1 })).toStrictEqual([3]);
    expect(await found({ toMs: SAMPLE_START_MS + 5, limit: 1, offset: 1 })).toStrictEqual([1]);
  });

  it.each([
    ['a blank operator', { operatorId: '  ' }],
    ['a short reason', { operatorReason: 'too short' }],
    ['a reason of spaces', { operatorReason: ' a \t b \n c \u3000\u00a0\u3000\u00a0 ' }],
    ['a blank reason of the system', { operatorId: 'system:recovery', operatorReason: ' \n' }],
  ])('refuses %s together with the act', async (_, wrong) => {
    const act = [insertOf(sampleExecution('e')), auditOf(sampleAudit(wrong))];
    await expect(store().commit(act)).rejects.toMatchObject({ code: 'SYS-0106' });
    expect(await store().findExecution('e')).toBeUndefined();
    expect(await store().lastAuditSeq()).toBe(0);
  });

  it('takes a short reason from the system', async () => {
    const entry = sampleAudit({ operatorId: 'system:recovery', operatorReason: 'boot' });
    expect(await store().commit([auditOf(entry)])).toBe('committed');
  });

  it('notices that rows it is asked to continue from are gone', async () => {
    await commitAll(store(), auditOf(sampleAudit()));
    expect(await store().verifyAuditChain(2)).toBeUndefined();
    expect(await store().verifyAuditChain(5)).toMatchObject({ seq: 4 });
  });
}
