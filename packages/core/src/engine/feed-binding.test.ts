import { expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsClient } from '../client/ops-client.ts';
import type { OpsDelta } from '../client/ops-views.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsStore } from './ops-store.ts';

const reason = 'looking into a problem';

/** The real store, which counts the audit rows that are read from it. */
async function openCountedStore(clock: VirtualClock) {
  const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
  const read = { rows: 0 };
  const store = new Proxy<OpsStore>(real, {
    get(target, key) {
      if (key === 'readAuditAfter') {
        return async (seq: number, limit: number) => {
          const rows = await real.readAuditAfter(seq, limit);
          read.rows += rows.length;
          return rows;
        };
      }
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { store, read };
}

/** Collects the deltas a screen gets from now on. */
async function deltasOf(client: OpsClient, clock: VirtualClock) {
  const deltas: OpsDelta[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const message of client.watch(stop.signal)) {
      if (message.kind === 'delta') deltas.push(message.delta);
    }
  })();
  await clock.settle();
  return {
    deltas,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

it('reads each audit row once to show it, however many there are before it', async () => {
  const clock = new VirtualClock();
  const { store, read } = await openCountedStore(clock);
  const { schedule: _schedule, ...quick } = testTarget('quick', () => undefined);
  await using test = await createTestOps({ targets: [quick], store, clock });
  await using watched = await deltasOf(test.client, clock);
  const acts = 250;
  for (let n = 0; n < acts; n++) {
    if (n % 2 === 0) await test.client.pause('quick', { reason });
    else await test.client.resume('quick', { reason });
    if (n % 10 === 0) await clock.advance(1);
  }
  await clock.advance(1);
  const seqs = watched.deltas.flatMap((delta) => (delta.kind === 'audit' ? [delta.entry.seq] : []));
  expect(seqs).toEqual(Array.from({ length: acts }, (_, n) => n + 1));
  expect(read.rows).toBe(acts);
});

it('shows more new audit rows than it reads at once', async () => {
  const clock = new VirtualClock();
  const { store, read } = await openCountedStore(clock);
  const { schedule: _schedule, ...quick } = testTarget('quick', () => undefined);
  await using test = await createTestOps({ targets: [quick], store, clock });
  await using watched = await deltasOf(test.client, clock);
  for (let n = 0; n < 125; n++) {
    await test.client.pause('quick', { reason });
    await test.client.resume('quick', { reason });
  }
  await clock.advance(1);
  expect(watched.deltas.filter(({ kind }) => kind === 'audit')).toHaveLength(250);
  expect(read.rows).toBe(250);
});

it('does not show the runs that go on again because one beside them has ended', async () => {
  const clock = new VirtualClock();
  const held = new HeldWork();
  const { schedule: _schedule, ...many } = testTarget('many', held.run, {
    policies: { overlap: { kind: 'allow', maxConcurrent: 10 } },
  });
  await using test = await createTestOps({ targets: [many], clock });
  for (let n = 0; n < 10; n++) await test.client.trigger('many', { reason });
  await clock.advance(1);
  await using watched = await deltasOf(test.client, clock);
  for (const run of held.runs) {
    run.end();
    await clock.advance(10);
  }
  const shown = watched.deltas.flatMap((delta) => (delta.kind === 'execution' ? [delta.execution] : []));
  expect(shown.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'SUCCESS'));
});

it('shows progress of runs beside each other once for all that was reported', async () => {
  const clock = new VirtualClock();
  const held = new HeldWork();
  const { schedule: _schedule, ...many } = testTarget('many', held.run, {
    policies: { overlap: { kind: 'allow', maxConcurrent: 10 } },
  });
  await using test = await createTestOps({ targets: [many], clock });
  for (let n = 0; n < 10; n++) await test.client.trigger('many', { reason });
  await clock.advance(1);
  await using watched = await deltasOf(test.client, clock);
  for (const run of held.runs) run.context.progress({ done: 3 });
  await clock.advance(1);
  const shown = watched.deltas.flatMap((delta) => (delta.kind === 'execution' ? [delta.execution] : []));
  expect(shown).toHaveLength(10);
  expect(shown.map(({ progress }) => progress?.done)).toEqual(Array.from({ length: 10 }, () => 3));
});

it('shows skipped slots as two when one between them is still open, as they are recorded', async () => {
  const clock = new VirtualClock();
  const held = new HeldWork();
  const slow = testTarget('slow', held.run, { policies: { overlap: { kind: 'queue', max: 5 } } });
  const fickle = testTarget('fickle', ({ slotMs = 0 }) => {
    if (slotMs % 2000 !== 0) throw new Error('an odd second');
  });
  const { schedule: _schedule, ...child } = testTarget('child', () => 'done', {
    policies: { dependency: { after: ['slow', 'fickle'], on: 'success' } },
  });
  await using test = await createTestOps({ targets: [slow, fickle, child], clock });
  await clock.advance(3500);
  const [skip] = await test.store.readSkips('child', 1);
  const thirdMs = VIRTUAL_START_MS + 3000;
  expect(skip).toMatchObject({ reason: 'upstream', fromMs: thirdMs, toMs: thirdMs, count: 1 });
  const shown = await test.client.target('child');
  expect(shown.lastSkip).toMatchObject({ reason: 'upstream', toMs: thirdMs, count: 1 });
});
