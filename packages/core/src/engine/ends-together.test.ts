import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { CommitResult } from '../kernel/change.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { updateOf } from '../run/targets/target-rules.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';

const reason = 'looking into a problem';

/** The real store, which counts its commits and may refuse some. */
async function openWatchedStore() {
  const clock = new VirtualClock();
  const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const watched = { commits: 0, refuse: (_changes: readonly OpsChange[]) => false };
  const commit = async (changes: readonly OpsChange[]): Promise<CommitResult> => {
    // The notices about them are written by the outbox, in its own transactions.
    if (changes.some(({ kind }) => kind.startsWith('execution.'))) watched.commits += 1;
    if (watched.refuse(changes)) throw opsException('SYS-0302', 'the disk is full; free some space');
    return real.commit(changes);
  };
  const store = new Proxy<OpsStore>(real, {
    get(target, key) {
      if (key === 'commit') return commit;
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { store, real, watched, clock };
}

/** Starts one held run of each of `count` targets. */
async function startMany(
  count: number,
  { store, clock }: { readonly store: OpsStore; readonly clock: VirtualClock },
) {
  const held = new HeldWork();
  const targets = Array.from({ length: count }, (_, n) => {
    const { schedule: _schedule, ...target } = testTarget(`t${n}`, held.run);
    return target;
  });
  const test = await createTestOps({ targets, store, clock });
  for (const { id } of targets) await test.client.trigger(id, { reason });
  await clock.settle();
  return { test, held };
}

async function statusesOf(store: OpsStore): Promise<ReadonlyMap<string, number>> {
  const { items } = await store.queryExecutions({ limit: 1000 });
  return new Map(
    Object.entries(Object.groupBy(items, ({ status }) => status)).map(([status, of]) => [status, of.length]),
  );
}

describe('runs that end in the same moment', () => {
  it('share transactions, and each is on record with its target', async () => {
    const { store, watched, clock } = await openWatchedStore();
    const { test, held } = await startMany(600, { store, clock });
    await using _test = test;
    watched.commits = 0;
    for (const [n, run] of held.runs.entries()) {
      if (n % 3 === 0) run.fail(new Error(`broken ${n}`));
      else run.end();
    }
    await clock.settle();
    expect(await statusesOf(store)).toEqual(
      new Map([
        ['FAILED', 200],
        ['SUCCESS', 400],
      ]),
    );
    expect(watched.commits).toBeLessThan(10);
    const states = await store.readTargetStates();
    expect(states.filter(({ lastStatus }) => lastStatus === 'SUCCESS')).toHaveLength(400);
    expect(states.filter(({ lastStatus }) => lastStatus === 'FAILED')).toHaveLength(200);
    const { targets } = await test.client.snapshot();
    expect(targets.every(({ running }) => running === undefined)).toBe(true);
  });

  it('are written one by one when one of them cannot be, and only that one is tried again', async () => {
    const { store, watched, clock } = await openWatchedStore();
    const { test, held } = await startMany(20, { store, clock });
    await using _test = test;
    const touchesT7 = (changes: readonly OpsChange[]) =>
      changes.some((change) => change.kind === 'target.update' && change.state.targetId === 't7');
    watched.refuse = touchesT7;
    for (const run of held.runs) run.end();
    await clock.settle();
    expect(await statusesOf(store)).toEqual(
      new Map([
        ['SUCCESS', 19],
        ['RUNNING', 1],
      ]),
    );
    watched.refuse = () => false;
    await clock.advance(1000);
    expect(await statusesOf(store)).toEqual(new Map([['SUCCESS', 20]]));
    const tellsAgain = test.logged.filter((line) => line.includes('trying again'));
    expect(tellsAgain).toHaveLength(1);
  });

  it('are written although somebody else has written to the row of one of them', async () => {
    const { store, real, clock } = await openWatchedStore();
    const { test, held } = await startMany(20, { store, clock });
    await using _test = test;
    const states = await real.readTargetStates();
    const before = states.find(({ targetId }) => targetId === 't7');
    if (before === undefined) throw new Error('t7 has no state');
    const foreign = updateOf(before, { ...before, revision: before.revision + 1 }, 'run-ended');
    expect(await real.commit([foreign])).toBe('committed');
    for (const run of held.runs) run.end();
    await clock.settle();
    expect(await statusesOf(store)).toEqual(new Map([['SUCCESS', 20]]));
    const after = await store.readTargetStates();
    expect(after.filter(({ lastStatus }) => lastStatus === 'SUCCESS')).toHaveLength(20);
    expect(after.find(({ targetId }) => targetId === 't7')?.revision).toBe(before.revision + 2);
  });

  it('of one target count one after another', async () => {
    const { store, clock } = await openWatchedStore();
    const held = new HeldWork();
    const { schedule: _schedule, ...many } = testTarget('many', held.run, {
      policies: { overlap: { kind: 'allow', maxConcurrent: 8 } },
    });
    await using test = await createTestOps({ targets: [many], store, clock });
    for (let n = 0; n < 8; n++) await test.client.trigger('many', { reason });
    await clock.settle();
    const before = await test.client.target('many');
    for (const run of held.runs.slice(0, 6)) run.end();
    for (const run of held.runs.slice(6)) run.fail(new Error('broken'));
    await clock.settle();
    const { revision, lastStatus } = await test.client.target('many');
    expect({ steps: revision - before.revision, lastStatus }).toEqual({ steps: 8, lastStatus: 'FAILED' });
    expect(test.logged.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('make room in their pool for what waits', async () => {
    const { store, clock } = await openWatchedStore();
    const held = new HeldWork();
    const policies = { pool: 'narrow', overlap: { kind: 'queue', max: 5 } } as const;
    const targets = Array.from({ length: 6 }, (_, n) => testTarget(`t${n}`, held.run, { policies }));
    await using test = await createTestOps({ targets, store, clock, config: { pools: { narrow: 2 } } });
    await clock.advance(1000);
    const { targets: shown } = await test.client.snapshot();
    expect(shown.filter(({ running }) => running !== undefined)).toHaveLength(2);
    const ended = new Set<unknown>();
    // Those that go on end together, again and again; whatever waits must take their places at once.
    for (let round = 1; round <= 10; round++) {
      const going = held.runs.filter((run) => !ended.has(run));
      expect(going).toHaveLength(2);
      for (const run of going) {
        ended.add(run);
        run.end();
      }
      await clock.settle();
      expect(held.runs).toHaveLength(Math.min(6, 2 * (round + 1)));
      if (held.runs.length === ended.size) break;
    }
  });

  it('all let their dependents run, also one that waits for several of them', async () => {
    const { store, clock } = await openWatchedStore();
    const held = new HeldWork();
    const ran: string[] = [];
    const { schedule: _schedule, ...child } = testTarget(
      'child',
      ({ executionId }) => ran.push(executionId),
      {
        policies: { dependency: { after: ['a', 'b'], on: 'success' } },
      },
    );
    const others = Array.from({ length: 5 }, (_, n) => testTarget(`x${n}`, held.run));
    const targets = [testTarget('a', held.run), ...others, testTarget('b', held.run), child];
    await using _test = await createTestOps({ targets, store, clock });
    await clock.advance(1000);
    expect(held.runs).toHaveLength(7);
    for (const run of held.runs) run.end();
    await clock.settle();
    expect(ran).toHaveLength(1);
  });

  it('are all on record when the engine ends at once afterwards', async () => {
    const { store, clock } = await openWatchedStore();
    const { test, held } = await startMany(300, { store, clock });
    for (const run of held.runs) run.end();
    await Promise.all([test.ops.drain(), clock.settle()]);
    expect(await statusesOf(store)).toEqual(new Map([['SUCCESS', 300]]));
    await test[Symbol.asyncDispose]();
  });
});
