import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import type { Authorizer } from '../../ports/authorizer.ts';
import type { ActDraft } from '../../ports/manual-acts.ts';
import { AuditedActs, osUserAuthorizer } from './manual-acts.ts';

const reason = 'the broker is down';

function draftOf(
  more: Partial<ActDraft> & { readonly operatorId?: string; readonly why?: string } = {},
): ActDraft {
  const { operatorId = 'kim', why = reason, ...rest } = more;
  const by = { actor: { operatorId, method: 'os-user' as const }, reason: why, requestId: 'r-1' };
  return { by, permission: 'RUN', name: 'pause', body: { target: 'feed' }, ...rest };
}

/** Acts over a real store, and a way to do one that was admitted. */
async function newActs(authorizer: Authorizer = osUserAuthorizer) {
  const store = await openSqliteStore({ path: ':memory:', now: () => 1000 });
  const wait = async () => {};
  const clock = { now: () => 1000, mono: () => 0, setTimer: () => () => {}, sleep: wait, nextTurn: wait };
  const acts = new AuditedActs({ store, authorizer, clock, host: 'desk-1' });
  const carryOut = (draft: ActDraft) =>
    store.commit([
      acts.record(draft, {
        auditType: 'TARGET_PAUSE',
        targetType: 'TARGET',
        targetId: 'feed',
        action: 'UPDATE',
      }),
    ]);
  return { acts, store, carryOut };
}

describe('admitting a manual act', () => {
  it('lets a new one through, and its row says who, why, where and what exactly', async () => {
    const { acts, store, carryOut } = await newActs();
    expect(await acts.admit(draftOf())).toBeUndefined();
    await carryOut(draftOf());
    expect((await store.queryAudit({})).items).toMatchObject([
      {
        seq: 1,
        atMs: 1000,
        auditType: 'TARGET_PAUSE',
        operatorId: 'kim',
        operatorMethod: 'os-user',
        operatorReason: reason,
        outcome: 'OK',
        requestId: 'r-1',
        requestFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        host: 'desk-1',
      },
    ]);
    expect(await acts.lastSeq()).toBe(1);
  });

  it('gives the first result when the same is asked for again under the same id', async () => {
    const { acts, carryOut } = await newActs();
    await carryOut(draftOf());
    expect(await acts.admit(draftOf())).toEqual({ auditSeq: 1, targetId: 'feed' });
    expect(await acts.admit(draftOf({ by: { ...draftOf().by, requestId: 'r-2' } }))).toBeUndefined();
  });

  it.each<[string, ActDraft]>([
    ['another act', draftOf({ name: 'reset' })],
    ['another target', draftOf({ body: { target: 'prices' } })],
    ['another operator', draftOf({ operatorId: 'lee' })],
    ['another reason', draftOf({ why: 'the exchange is closed' })],
  ])('refuses the same id for %s', async (_, draft) => {
    const { acts, carryOut } = await newActs();
    await carryOut(draftOf());
    await expect(acts.admit(draft)).rejects.toMatchObject({ code: 'BAT-0106', data: { auditSeq: 1 } });
  });

  it('refuses a reason that says nothing and an operator without a name, and writes nothing', async () => {
    const { acts, store } = await newActs();
    await expect(acts.admit(draftOf({ why: 'pause' }))).rejects.toMatchObject({ code: 'INP-0302' });
    await expect(acts.admit(draftOf({ operatorId: '' }))).rejects.toMatchObject({ code: 'INP-0303' });
    expect(await store.lastAuditSeq()).toBe(0);
  });

  it('refuses who may not, and keeps the attempt on record', async () => {
    const { acts, store } = await newActs({ refusal: (_, permission) => `no ${permission} on weekends` });
    await expect(acts.admit(draftOf())).rejects.toMatchObject({
      code: 'INP-0309',
      message: 'kim may not pause: no RUN on weekends',
    });
    expect((await store.queryAudit({})).items).toMatchObject([
      {
        outcome: 'DENIED',
        errorCode: 'INP-0309',
        operatorId: 'kim',
        targetId: 'pause',
        after: { target: 'feed' },
      },
    ]);
  });

  it('neither takes a refusal for the act, nor does it again because of a refusal in between', async () => {
    let allowed = false;
    const { acts, carryOut } = await newActs({ refusal: () => (allowed ? undefined : 'not today') });
    await expect(acts.admit(draftOf())).rejects.toMatchObject({ code: 'INP-0309' });
    allowed = true;
    expect(await acts.admit(draftOf())).toBeUndefined();
    await carryOut(draftOf());
    allowed = false;
    await expect(acts.admit(draftOf())).rejects.toMatchObject({ code: 'INP-0309' });
    allowed = true;
    expect(await acts.admit(draftOf())).toEqual({ auditSeq: 2, targetId: 'feed' });
  });
});
