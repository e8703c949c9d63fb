import { describe, expect, it } from 'vitest';
import type { AlertNotice } from '../ports/alert-channel.ts';
import type { Alert, Silence } from '../watch/alerts/alert.ts';
import type { OutboxRow } from '../watch/alerts/outbox.ts';
import type { StoreUnderTest } from './describe-store.ts';
import { commitAll, SAMPLE_START_MS } from './store-samples.ts';

const at = SAMPLE_START_MS;

/** An open alert with nothing but what every alert has. */
export function sampleAlert(id: string, more: Partial<Alert> = {}): Alert {
  return {
    id,
    revision: 0,
    dedupKey: `batch:${id}:failed`,
    alertType: 'BATCH_FAILED',
    level: 'ERROR',
    peakLevel: 'ERROR',
    title: `[BATCH_FAILED] ${id}`,
    message: 'exit code 3',
    labels: { job: id },
    state: 'firing',
    event: false,
    startedAtMs: at,
    lastSeenAtMs: at,
    count: 1,
    refired: 0,
    timers: {},
    notified: {},
    parents: [],
    ...more,
  };
}

/** A notice that was not sent yet. */
export function sampleNotice(id: string, seq: number, more: Partial<OutboxRow> = {}): OutboxRow {
  return {
    id,
    seq,
    revision: 0,
    channelId: 'mail',
    groupKey: 'batch:prices:failed',
    reason: 'first',
    level: 'ERROR',
    status: 'pending',
    createdAtMs: at,
    nextAtMs: at,
    afterIds: [],
    alertCount: 1,
    firstAlertId: 'prices',
    tellsFirst: true,
    maybeRepeat: false,
    late: false,
    plain: false,
    attempts: 0,
    ...more,
  };
}

/** What alerts, notices, attempts and silences rely on in a store. */
export function describeAlertStore(store: StoreUnderTest): void {
  describeAlertRecord(store);
  describeAlertQueries(store);
  describeOutbox(store);
  describeAlertCare(store);
}

const put = (alert: Alert) => ({ kind: 'alert.insert', alert }) as const;
const replace = (before: Alert, alert: Alert) =>
  ({
    kind: 'alert.update',
    expectRevision: before.revision,
    alert,
    because: 'repeated',
    atMs: at,
  }) as const;
const post = (row: OutboxRow, ...alertIds: readonly string[]) =>
  ({ kind: 'outbox.insert', row, alertIds }) as const;
const move = (before: OutboxRow, row: OutboxRow) =>
  ({
    kind: 'outbox.update',
    expect: { status: before.status, revision: before.revision },
    row,
    atMs: at,
  }) as const;

function describeAlertRecord(store: StoreUnderTest): void {
  it('gives back an alert exactly as it was committed', async () => {
    const bare = sampleAlert('prices');
    await commitAll(store(), put(bare));
    expect((await store().readAlerts(0)).alerts).toStrictEqual([bare]);
    const full: Alert = {
      ...bare,
      revision: 1,
      level: 'CRITICAL',
      peakLevel: 'CRITICAL',
      messageKo: '종료 코드 3',
      detail: { exitCode: 3, deep: { list: [1, null] } },
      executionId: 'e',
      errorCode: 'BAT-0304',
      state: 'acknowledged',
      count: 4,
      refired: 1,
      acknowledgement: {
        operatorId: 'kim',
        reason: 'looking into it',
        atMs: at,
        expiresAtMs: at + 9,
        sticky: true,
      },
      closed: { operatorId: 'lee', reason: 'known defect', atMs: at, raisesSince: 1 },
      suppression: { by: 'silence', name: 's', sinceMs: at },
      flap: { sinceMs: at, changedAtMs: at, wanted: 'resolved', external: false },
      escalation: {
        policyId: 'night',
        steps: [{ afterMs: 1, to: ['mail'] }],
        repeat: 1,
        nextStep: 0,
        round: 0,
      },
      timers: { remindAtMs: at + 5 },
      notified: { mail: 'n1' },
      parents: ['check:net'],
      avoidChannel: 'slack',
    };
    await commitAll(store(), replace(bare, full));
    expect((await store().readAlerts(0)).alerts).toStrictEqual([full]);
    expect(await store().findAlert('prices')).toStrictEqual({ ...full, channelsSent: [] });
    expect(await store().findAlert('nobody')).toBeUndefined();
  });

  it('keeps one open alert of a key, and any number of finished ones', async () => {
    const first = sampleAlert('a', { dedupKey: 'k' });
    await commitAll(store(), put(first));
    expect(await store().commit([put(sampleAlert('b', { dedupKey: 'k' }))])).toBe('conflict');
    const over: Alert = { ...first, revision: 1, state: 'resolved', resolvedAtMs: at + 1 };
    await commitAll(store(), replace(first, over));
    await commitAll(store(), put(sampleAlert('b', { dedupKey: 'k', startedAtMs: at + 2 })));
    expect((await store().queryAlerts({ dedupKey: 'k' })).items.map(({ id }) => id)).toEqual(['b', 'a']);
    const again: Alert = { ...first, revision: 2 };
    expect(await store().commit([replace(over, again)])).toBe('conflict');
  });

  it('answers an unexpected revision with a conflict, and never deletes or renames an alert', async () => {
    const alert = sampleAlert('a');
    await commitAll(store(), put(alert));
    expect(await store().commit([replace({ ...alert, revision: 7 }, { ...alert, revision: 8 })])).toBe(
      'conflict',
    );
    expect(await store().commit([replace(alert, alert)])).toBe('conflict');
    const event = sampleAlert('ev', { event: true, state: 'resolved', resolvedAtMs: at });
    await commitAll(store(), put(event));
    const { resolvedAtMs: _, ...open } = event;
    const reopened = replace(event, { ...open, state: 'firing', revision: 1 });
    await expect(store().commit([reopened])).rejects.toMatchObject({ code: 'SYS-0106' });
  });
}

function describeAlertQueries(store: StoreUnderTest): void {
  it('finds alerts by type, level, state, acknowledgement, time and execution, newest first', async () => {
    const acknowledgement = {
      operatorId: 'kim',
      reason: 'known',
      atMs: at,
      expiresAtMs: at + 9,
      sticky: false,
    };
    await commitAll(
      store(),
      put(sampleAlert('a', { startedAtMs: at, level: 'INFO' })),
      put(sampleAlert('b', { startedAtMs: at + 1, alertType: 'BATCH_STOPPED', level: 'WARN' })),
      put(sampleAlert('c', { startedAtMs: at + 2, executionId: 'e', level: 'CRITICAL' })),
      put(sampleAlert('d', { startedAtMs: at + 3, state: 'resolved', resolvedAtMs: at + 4 })),
      put(sampleAlert('f', { startedAtMs: at + 5, state: 'acknowledged', acknowledgement })),
    );
    const ids = async (query: Parameters<ReturnType<StoreUnderTest>['queryAlerts']>[0]) => {
      const { items, total } = await store().queryAlerts(query);
      expect(total).toBeGreaterThanOrEqual(items.length);
      return items.map(({ id }) => id).join('');
    };
    expect(await ids({})).toBe('fdcba');
    expect(await ids({ alertType: 'BATCH_STOPPED' })).toBe('b');
    expect(await ids({ level: 'CRITICAL' })).toBe('c');
    expect(await ids({ state: 'resolved' })).toBe('d');
    expect(await ids({ open: true })).toBe('fcba');
    expect(await ids({ open: false })).toBe('d');
    expect(await ids({ acknowledged: true })).toBe('f');
    expect(await ids({ acknowledged: false })).toBe('dcba');
    expect(await ids({ executionId: 'e' })).toBe('c');
    expect(await ids({ fromMs: at + 1, toMs: at + 3 })).toBe('cb');
    expect(await ids({ limit: 2, offset: 1 })).toBe('dc');
    expect(await store().countUnacknowledged()).toEqual({ INFO: 1, WARN: 1, ERROR: 1, CRITICAL: 1 });
  });

  it('reads what a start needs: open ones, recent ones, and those that a notice still speaks of', async () => {
    const over = (id: string, resolvedAtMs: number) =>
      put(sampleAlert(id, { state: 'resolved', resolvedAtMs }));
    await commitAll(store(), put(sampleAlert('open')), over('old', at), over('recent', at + 1000));
    await commitAll(store(), over('told', at), post(sampleNotice('n', 4, { firstAlertId: 'told' }), 'told'));
    const stored = await store().readAlerts(at + 500);
    expect(stored.alerts.map(({ id }) => id).sort()).toEqual(['open', 'recent', 'told']);
    expect(stored.rows.map(({ id }) => id)).toEqual(['n']);
    expect(stored.members).toEqual([{ rowId: 'n', alertId: 'told' }]);
    expect(stored.lastSeq).toBe(4);
  });

  it('keeps silences, and ends them before their time but never later', async () => {
    const silence: Silence = {
      id: 's',
      matchers: [{ label: 'job', value: 'prices' }],
      createdBy: 'kim',
      reason: 'planned work',
      startsAtMs: at,
      endsAtMs: at + 100,
      createdAtMs: at,
    };
    await commitAll(store(), { kind: 'silence.insert', silence });
    expect((await store().readAlerts(at)).silences).toStrictEqual([silence]);
    const expire = { kind: 'silence.expire', silenceId: 's', atMs: at + 50, operatorId: 'lee' } as const;
    await commitAll(store(), expire);
    expect(await store().readSilences(10)).toStrictEqual([
      { ...silence, endsAtMs: at + 50, expiredBy: 'lee' },
    ]);
    expect(await store().commit([expire])).toBe('conflict');
  });
}

const NOTICE: AlertNotice = {
  id: 'n',
  reason: 'first',
  level: 'ERROR',
  state: 'firing',
  episodeId: 'prices',
  dedupKey: 'k',
  alertType: 'BATCH_FAILED',
  title: 't',
  summary: 's',
  fields: [],
  links: [],
  startedAtMs: at,
  atMs: at,
  count: 1,
  maybeRepeat: false,
  instance: 'test',
  environment: 'LAB',
  timeZone: 'UTC',
  language: 'en',
};

/** The row after its lease, with the attempt that must be written first. */
function leased(row: OutboxRow) {
  const sending: OutboxRow = {
    ...row,
    revision: row.revision + 1,
    status: 'sending',
    attempts: row.attempts + 1,
    leaseBootId: 'boot',
    notice: NOTICE,
  };
  const { id: rowId, channelId } = row;
  const number = sending.attempts;
  const attempt = { rowId, number, channelId, bootId: 'boot', startedAtMs: at };
  return {
    sending,
    attempt: { kind: 'outbox.attempt', attempt } as const,
    end: (result: 'sent' | 'retry' | 'rejected' | 'lost') =>
      ({
        kind: 'outbox.attempt-end',
        rowId,
        number,
        end: { result, endedAtMs: at + 1, durationMs: 1, text: 'said so', rejectedRecipients: ['a@b'] },
      }) as const,
  };
}

function finished(row: OutboxRow, status: 'sent' | 'dead' | 'retry' | 'pending'): OutboxRow {
  const { leaseBootId: _, ...rest } = row;
  const over = status === 'sent' || status === 'dead' ? { endedAtMs: at + 1 } : {};
  return { ...rest, ...over, status, revision: row.revision + 1 };
}

function describeOutbox(store: StoreUnderTest): void {
  const row = sampleNotice('n', 1);
  const post1 = async () => {
    await commitAll(store(), put(sampleAlert('prices')), post(row, 'prices'));
  };

  it('takes a notice from its row over an attempt to its arrival, and tells the alert', async () => {
    await post1();
    const { sending, attempt, end } = leased(row);
    await commitAll(store(), attempt, move(row, sending));
    const sent = finished(sending, 'sent');
    await commitAll(store(), move(sending, sent), end('sent'));
    expect((await store().queryOutbox({ status: 'sent' })).items).toStrictEqual([sent]);
    const alert = await store().findAlert('prices');
    expect(alert).toMatchObject({ channelsSent: ['mail'], sentAtMs: at + 1, revision: 0 });
    expect(await store().readAttempts('n')).toStrictEqual([
      {
        ...attempt.attempt,
        end: {
          result: 'sent',
          endedAtMs: at + 1,
          durationMs: 1,
          text: 'said so',
          rejectedRecipients: ['a@b'],
        },
      },
    ]);
    expect((await store().queryOutbox({ alertId: 'prices', channelId: 'mail' })).total).toBe(1);
  });

  it('refuses to send without a recorded attempt, and to touch what has ended', async () => {
    await post1();
    const { sending, attempt, end } = leased(row);
    const refused = { code: 'SYS-0106' };
    await expect(store().commit([move(row, sending)])).rejects.toMatchObject(refused);
    await expect(store().commit([move(row, finished(row, 'sent'))])).rejects.toMatchObject(refused);
    await commitAll(store(), attempt, move(row, sending));
    const dead = finished(sending, 'dead');
    await commitAll(store(), move(sending, dead), end('rejected'));
    await expect(store().commit([move(dead, finished(dead, 'retry'))])).rejects.toMatchObject(refused);
    expect(await store().commit([end('sent')])).toBe('conflict');
    const alert = sampleAlert('prices', { revision: 1, notified: { mail: 'n' } });
    await commitAll(store(), replace(sampleAlert('prices'), alert));
    expect((await store().readAlerts(0)).deadRowIds).toEqual(['n']);
  });

  it('lets alerts join only what was not handed to its channel', async () => {
    await post1();
    const joins = (alertId: string) => ({ kind: 'outbox.join', rowId: 'n', alertId }) as const;
    await commitAll(store(), put(sampleAlert('score')), joins('score'), joins('score'));
    const { sending, attempt } = leased(row);
    await commitAll(store(), attempt, move(row, sending));
    await commitAll(store(), put(sampleAlert('late')));
    await expect(store().commit([joins('late')])).rejects.toMatchObject({ code: 'SYS-0106' });
    expect((await store().readAlerts(0)).members.map(({ alertId }) => alertId).sort()).toEqual([
      'prices',
      'score',
    ]);
  });

  it('answers a stale notice, a taken place and a repeated attempt with a conflict', async () => {
    await post1();
    expect(await store().commit([post(sampleNotice('other', 1), 'prices')])).toBe('conflict');
    const { sending, attempt } = leased(row);
    await commitAll(store(), attempt, move(row, sending));
    expect(await store().commit([attempt])).toBe('conflict');
    expect(await store().commit([move(row, finished(sending, 'pending'))])).toBe('conflict');
  });

  describe('a commit with a conflict', () => {
    it('writes neither alert nor notice', async () => {
      await commitAll(store(), put(sampleAlert('a', { dedupKey: 'k' })));
      const twice = put(sampleAlert('b', { dedupKey: 'k' }));
      expect(await store().commit([post(sampleNotice('n', 9, { firstAlertId: 'a' }), 'a'), twice])).toBe(
        'conflict',
      );
      expect((await store().queryOutbox({})).total).toBe(0);
    });
  });
}

function describeAlertCare(store: StoreUnderTest): void {
  const over = (id: string, resolvedAtMs: number) => sampleAlert(id, { state: 'resolved', resolvedAtMs });
  const row = sampleNotice('n', 1);
  const forget = (beforeMs: number, rowIds: readonly string[], alertIds: readonly string[]) =>
    ({ kind: 'alert.forget', beforeMs, rowIds, alertIds }) as const;
  /** A notice that arrived at `at + 1`, about these alerts. */
  const tell = async (...alerts: readonly Alert[]) => {
    const ids = alerts.map(({ id }) => id);
    await commitAll(store(), ...alerts.map(put), post({ ...row, firstAlertId: ids[0] ?? '' }, ...ids));
    const { sending, attempt, end } = leased({ ...row, firstAlertId: ids[0] ?? '' });
    await commitAll(store(), attempt, move(row, sending));
    await commitAll(store(), move(sending, finished(sending, 'sent')), end('sent'));
  };

  it('keeps how a channel is doing, the newest of all that was said', async () => {
    const state = {
      failures: 0,
      pausedUntilMs: 0,
      refusedUntilMs: 0,
      calmUntilMs: 0,
      tokens: 2.5,
      tokensAtMs: at,
    };
    const worse = {
      ...state,
      failures: 2,
      lastFailedAtMs: at,
      lastSentAtMs: at,
      lastError: '429',
      pausedUntilMs: at + 9,
    };
    const say = (said: typeof state) => ({ kind: 'outbox.channel', channelId: 'mail', state: said }) as const;
    await commitAll(store(), say(state));
    await commitAll(store(), say(worse));
    expect((await store().readAlerts(0)).channels).toStrictEqual([{ channelId: 'mail', state: worse }]);
  });

  it.each([
    ['a reminder', { tellsFirst: false }],
    ['one that may have arrived', { maybeRepeat: true }],
  ])('does not count %s as unheard when it is given up', async (_, more) => {
    const unsent = { ...row, ...more };
    await commitAll(store(), put(sampleAlert('prices', { notified: { mail: 'n' } })), post(unsent, 'prices'));
    const { sending, attempt } = leased(unsent);
    await commitAll(store(), attempt, move(unsent, sending), move(sending, finished(sending, 'dead')));
    expect((await store().readAlerts(0)).deadRowIds).toEqual([]);
  });

  it('keeps who of several recipients has a notice, and does not count one that somebody has as unheard', async () => {
    const alert = sampleAlert('prices', { notified: { mail: 'n' } });
    await commitAll(store(), put(alert), post(row, 'prices'));
    const { sending, attempt } = leased(row);
    const settled = { accepted: ['ann'], refused: ['cy'] };
    await commitAll(store(), attempt, move(row, sending));
    await commitAll(store(), move(sending, { ...finished(sending, 'dead'), settled }));
    expect((await store().queryOutbox({})).items).toMatchObject([{ settled }]);
    expect((await store().readAlerts(0)).deadRowIds).toEqual([]);
  });

  it('takes away what is over for long enough, whole', async () => {
    await tell(over('prices', at));
    expect(await store().readForgettable(at + 1, 9)).toEqual({ rowIds: [], alertIds: [] });
    expect(await store().readForgettable(at + 2, 9)).toEqual({
      rowIds: ['n'],
      alertIds: [],
      oldestMs: at + 1,
    });
    await commitAll(store(), forget(at + 2, ['n'], []));
    expect(await store().readForgettable(at + 2, 9)).toEqual({
      rowIds: [],
      alertIds: ['prices'],
      oldestMs: at,
    });
    await commitAll(store(), forget(at + 2, [], ['prices']));
    expect(await store().findAlert('prices')).toBeUndefined();
    expect(await store().readAttempts('n')).toEqual([]);
    expect((await store().queryOutbox({})).total).toBe(0);
  });

  it.each<[string, Alert]>([
    ['is open', sampleAlert('prices')],
    ['ended later', over('prices', at + 50)],
  ])('refuses to take away what %s, and the notices of it', async (_, alert) => {
    await tell(over('other', at), alert);
    expect(await store().readForgettable(at + 10, 9)).toEqual({ rowIds: [], alertIds: [] });
    const refused = { code: 'SYS-0106' };
    await expect(store().commit([forget(at + 10, ['n'], [])])).rejects.toMatchObject(refused);
    await expect(store().commit([forget(at + 10, [], ['prices'])])).rejects.toMatchObject(refused);
    expect((await store().queryOutbox({})).total).toBe(1);
    expect(await store().readAttempts('n')).toHaveLength(1);
  });

  it('refuses to take away a notice that is on its way, and an alert that a notice speaks of', async () => {
    const alert = over('prices', at);
    await commitAll(store(), put(alert), post(row, 'prices'));
    expect(await store().readForgettable(at + 10, 9)).toEqual({ rowIds: [], alertIds: [] });
    await expect(store().commit([forget(at + 10, ['n'], [])])).rejects.toMatchObject({ code: 'SYS-0106' });
    await expect(store().commit([forget(at + 10, [], ['prices'])])).rejects.toMatchObject({
      code: 'SYS-0106',
    });
    expect((await store().readAlerts(0)).rows).toHaveLength(1);
  });
}
