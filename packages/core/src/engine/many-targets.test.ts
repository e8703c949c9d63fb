import { expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';

/** A real store with a look at every commit before it is written; what the look throws is not written. */
async function watchedStore(clock: VirtualClock, look: (changes: readonly OpsChange[]) => void) {
  const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const commit: OpsStore['commit'] = async (changes) => {
    look(changes);
    return real.commit(changes);
  };
  return new Proxy<OpsStore>(real, {
    get(target, key) {
      if (key === 'commit') return commit;
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

async function untilNothingRuns(test: TestOps): Promise<void> {
  for (let turn = 0; turn < 200 && (await test.store.readActive()).length > 0; turn++) {
    await test.clock.settle();
  }
}

it('many targets that are due at once are written a few at a time', async () => {
  const clock = new VirtualClock();
  let most = 0;
  let commits = 0;
  const store = await watchedStore(clock, (changes) => {
    const slots = changes.filter((change) => change.kind === 'execution.insert').length;
    most = Math.max(most, slots);
    if (slots > 0) commits += 1;
  });
  const targets = Array.from({ length: 1000 }, (_, n) =>
    testTarget(`t${n}`, () => 'done', { schedule: everyMs(60_000) }),
  );
  await using test = await createTestOps({ targets, store, clock });
  await clock.advance(60_000);
  await untilNothingRuns(test);
  expect({ most, commits }).toEqual({ most: 50, commits: 20 });
  expect((await store.queryExecutions({ status: 'SUCCESS', limit: 1 })).total).toBe(1000);
});

it('what is left when the store refuses in the middle is still due, and every slot is accounted for once', async () => {
  const clock = new VirtualClock();
  let refusals = 0;
  let seen = 0;
  const store = await watchedStore(clock, (changes) => {
    if (!changes.some((change) => change.kind === 'execution.insert')) return;
    seen += 1;
    // Of the first look the third part, then everything for a while.
    if (seen < 3 || seen > 6) return;
    refusals += 1;
    throw opsException('SYS-0302', 'the disk is full');
  });
  const ran: string[] = [];
  const targets = Array.from({ length: 400 }, (_, n) =>
    testTarget(`t${n}`, ({ targetId }) => ran.push(targetId), { schedule: everyMs(60_000), graceMs: 30_000 }),
  );
  await using test = await createTestOps({ targets, store, clock });
  await clock.advance(61_000);
  expect(ran).toHaveLength(100);
  await clock.advance(20_000);
  await untilNothingRuns(test);
  expect(refusals).toBe(4);
  expect(new Set(ran).size).toBe(400);
  expect(ran).toHaveLength(400);
  for (const { id } of targets) {
    const { executions, skips } = await store.countSlots(id, VIRTUAL_START_MS);
    expect([id, executions + skips]).toEqual([id, 1]);
  }
});

it('who goes first in a pool is decided among all that are due, also when the last of them has the most weight', async () => {
  const held = new HeldWork();
  const targets = Array.from({ length: 300 }, (_, n) =>
    testTarget(`t${n}`, held.run, {
      schedule: everyMs(60_000),
      policies: { pool: n % 2 === 0 ? 'narrow' : 'default', priority: n >= 296 ? 9 : 1 },
    }),
  );
  await using test = await createTestOps({ targets, config: { pools: { narrow: 3 } } });
  await test.clock.advance(60_000);
  const started = held.runs
    .map(({ context }) => context.targetId)
    .filter((id) => Number(id.slice(1)) % 2 === 0);
  expect(started).toEqual(['t296', 't298', 't0']);
  expect(held.runs).toHaveLength(153);
});

it('a pool with room for many is filled a few at a time, and without a wait', async () => {
  const held = new HeldWork();
  const clock = new VirtualClock();
  let most = 0;
  const store = await watchedStore(clock, (changes) => {
    const started = changes.filter(
      (one) => one.kind === 'execution.update' && one.execution.status === 'RUNNING',
    );
    most = Math.max(most, started.length);
  });
  const targets = Array.from({ length: 220 }, (_, n) =>
    testTarget(`t${n}`, held.run, { schedule: everyMs(60_000), policies: { pool: 'wide' } }),
  );
  await using test = await createTestOps({ targets, store, clock, config: { pools: { wide: 200 } } });
  await test.clock.advance(60_000);
  expect(held.runs).toHaveLength(200);
  expect(held.runs.map(({ context }) => context.targetId)).toEqual(targets.slice(0, 200).map(({ id }) => id));
  expect(most).toBe(50);
});
