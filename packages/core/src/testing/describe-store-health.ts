import { describe, expect, it } from 'vitest';
import type { CheckSpan, CheckState } from '../watch/health/check-state.ts';
import type { CheckTransition, HealthChange } from '../watch/health/health-changes.ts';
import type { StoreUnderTest } from './describe-store.ts';
import { commitAll, SAMPLE_START_MS } from './store-samples.ts';

const DAY_MS = 86_400_000;

/** A state with nothing but what every state has. */
export function sampleCheckState(checkId = 'broker', more: Partial<CheckState> = {}): CheckState {
  return {
    checkId,
    revision: 1,
    status: 'unknown',
    settled: false,
    sinceMs: SAMPLE_START_MS,
    recent: '',
    changes: '',
    flapping: false,
    badSince: {},
    broken: { warn: false, crit: false },
    staleAfterMs: 130_000,
    ...more,
  };
}

/** What is remembered about checks. */
export function describeHealth(store: StoreUnderTest): void {
  describe('states', () => describeStates(store));
  describe('history', () => describeHistory(store));
  describe('accounts', () => describeAccounts(store));
}

function describeStates(store: StoreUnderTest): void {
  const span = sampleSpan(0, 60_000, { status: 'fail', maintenance: true });
  const full: Partial<CheckState> = {
    status: 'fail',
    settled: true,
    last: {
      status: 'fail',
      message: '연결 거부',
      value: 12.5,
      unit: 'ms',
      details: { hosts: ['a', { port: 80 }], ok: false, none: null },
      observations: [
        { id: 'time', value: 0.5, unit: 's' },
        { id: 'size', value: 7 },
      ],
      atMs: SAMPLE_START_MS + 60_000,
      durationMs: 31,
      attempt: 3,
      isolated: true,
    },
    recent: 'ppwuf',
    changes: '0111',
    flapping: true,
    badSince: { warnMs: 1, unknownMs: 2, failMs: 3 },
    betterSinceMs: 4,
    lastKnownAtMs: SAMPLE_START_MS + 60_000,
    broken: { warn: true, crit: true },
    raised: { level: 'CRITICAL', atMs: 5 },
    lastPassAtMs: 6,
    freshFromMs: 7,
    span,
  };
  const look = { status: 'pass', message: 'ok', atMs: 1, durationMs: 0, attempt: 1 } as const;

  it.each<[string, Partial<CheckState>]>([
    ['was never confirmed', {}],
    ['has looked once', { last: look, recent: 'p', lastPassAtMs: 1 }],
    ['has everything', full],
  ])('gives back the state of a check that %s', async (_, more) => {
    const first = sampleCheckState('broker', more);
    await commitAll(store(), { kind: 'health.insert', state: first });
    expect(await store().readCheckStates()).toStrictEqual([first]);
    const cleared = sampleCheckState('broker', { revision: 2 });
    await commitAll(store(), updateOf(1, cleared));
    const again = sampleCheckState('broker', { ...more, revision: 3 });
    await commitAll(store(), updateOf(2, again));
    expect(await store().readCheckStates()).toStrictEqual([again]);
  });

  it('answers a second first state and a stale revision with a conflict, and writes nothing of them', async () => {
    const insert = { kind: 'health.insert', state: sampleCheckState() } as const;
    await commitAll(store(), insert);
    expect(await store().commit([insert])).toBe('conflict');
    const next = sampleCheckState('broker', { revision: 2, status: 'pass', settled: true });
    await commitAll(store(), updateOf(1, next));
    const stale: HealthChange[] = [
      { kind: 'health.span', span: sampleSpan(0, 1) },
      updateOf(1, { ...next, revision: 3 }),
    ];
    expect(await store().commit(stale)).toBe('conflict');
    expect(await store().readCheckStates()).toStrictEqual([next]);
    expect(await store().readCheckSpans('broker', 0, 9e15)).toStrictEqual([]);
  });

  it('forgets the state of a removed check and keeps its history', async () => {
    await commitAll(
      store(),
      { kind: 'health.insert', state: sampleCheckState() },
      { kind: 'health.insert', state: sampleCheckState('other') },
      { kind: 'health.transition', transition: sampleTransition(1) },
    );
    await commitAll(store(), { kind: 'health.remove', checkId: 'broker', because: 'removed', atMs: 1 });
    expect((await store().readCheckStates()).map(({ checkId }) => checkId)).toStrictEqual(['other']);
    expect(await store().readCheckTransitions('broker', 10)).toHaveLength(1);
  });
}

function describeHistory(store: StoreUnderTest): void {
  it('gives the transitions of one check, newest first', async () => {
    const transitions = [1, 2, 3].map((atMs) => sampleTransition(atMs));
    const other = { ...sampleTransition(4), checkId: 'other' };
    for (const transition of [...transitions, other])
      await commitAll(store(), { kind: 'health.transition', transition });
    expect(await store().readCheckTransitions('broker', 2)).toStrictEqual([transitions[2], transitions[1]]);
    expect(await store().readCheckTransitions('nobody', 2)).toStrictEqual([]);
  });

  it('takes a canary any number of times', async () => {
    for (const atMs of [1, 2, 2]) await commitAll(store(), { kind: 'health.canary', atMs });
    expect(await store().readCheckStates()).toStrictEqual([]);
  });

  it('remembers when the engine could not look, newest first', async () => {
    const gaps = [
      { reason: 'suspended', fromMs: 1, toMs: 2 },
      { reason: 'clock-set', fromMs: 9, toMs: 3 },
    ] as const;
    for (const gap of gaps) await commitAll(store(), { kind: 'health.gap', gap });
    expect(await store().readHealthGaps(10)).toStrictEqual([gaps[1], gaps[0]]);
  });
}

function describeAccounts(store: StoreUnderTest): void {
  it('lengthens the stretch that begins at the same instant', async () => {
    await commitAll(store(), { kind: 'health.span', span: sampleSpan(0, 10) });
    await commitAll(store(), { kind: 'health.span', span: sampleSpan(0, 25) });
    await commitAll(store(), { kind: 'health.span', span: sampleSpan(25, 30, { status: 'fail' }) });
    expect(await store().readCheckSpans('broker', SAMPLE_START_MS, SAMPLE_START_MS + 99)).toStrictEqual([
      sampleSpan(0, 25),
      sampleSpan(25, 30, { status: 'fail' }),
    ]);
  });

  it('finds the stretches that reach into a range, and counts all', async () => {
    for (const from of [0, 10, 20, 30]) {
      await commitAll(store(), { kind: 'health.span', span: sampleSpan(from, from + 10) });
    }
    const found = await store().readCheckSpans('broker', SAMPLE_START_MS + 15, SAMPLE_START_MS + 30);
    expect(found).toStrictEqual([sampleSpan(10, 20), sampleSpan(20, 30)]);
    expect(await store().readSpanCount('broker')).toStrictEqual({ count: 4, oldestMs: SAMPLE_START_MS });
    expect(await store().readSpanCount('nobody')).toStrictEqual({ count: 0 });
  });

  it('puts sums of days in the place of old stretches, adding to those there are', async () => {
    const sums = { passMs: 10, warnMs: 2, failMs: 3, unknownMs: 4, maintenanceMs: 5 };
    const day = { checkId: 'broker', dayMs: SAMPLE_START_MS, ...sums };
    const compact = (throughMs: number, keepTransitions: number): HealthChange => ({
      kind: 'health.compact',
      checkId: 'broker',
      throughMs,
      days: [day, { ...day, dayMs: SAMPLE_START_MS + DAY_MS }],
      keepTransitions,
    });
    for (const from of [0, 10, 20]) {
      await commitAll(
        store(),
        { kind: 'health.span', span: sampleSpan(from, from + 10) },
        { kind: 'health.transition', transition: sampleTransition(from) },
      );
    }
    await commitAll(store(), compact(SAMPLE_START_MS + 20, 2));
    await commitAll(store(), compact(SAMPLE_START_MS + 20, 1));
    expect(await store().readCheckSpans('broker', 0, 9e15)).toStrictEqual([sampleSpan(20, 30)]);
    expect((await store().readCheckTransitions('broker', 9)).map(({ atMs }) => atMs)).toStrictEqual([20]);
    const twice = { passMs: 20, warnMs: 4, failMs: 6, unknownMs: 8, maintenanceMs: 10 };
    const noon = SAMPLE_START_MS + DAY_MS / 2;
    expect(await store().readCheckDays('broker', noon, noon + 1)).toStrictEqual([{ ...day, ...twice }]);
    expect(await store().readCheckDays('broker', noon, noon + DAY_MS)).toHaveLength(2);
  });
}

function updateOf(expectRevision: number, state: CheckState): HealthChange {
  return { kind: 'health.update', expectRevision, state, because: 'seen', atMs: SAMPLE_START_MS };
}

function sampleTransition(atMs: number): CheckTransition {
  return { checkId: 'broker', from: 'pass', to: 'fail', because: 'hard-fail', message: '거부', atMs };
}

function sampleSpan(from: number, to: number, more: Partial<CheckSpan> = {}): CheckSpan {
  return {
    checkId: 'broker',
    fromMs: SAMPLE_START_MS + from,
    toMs: SAMPLE_START_MS + to,
    status: 'pass',
    maintenance: false,
    ...more,
  };
}
