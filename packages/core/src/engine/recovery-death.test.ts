import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { TargetFunction } from '../ports/target.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import type { Dependency, TargetPolicies } from '../run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsStore } from './ops-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-recovery-death-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A store whose engine dies: `writes` commits are still written, then nothing. */
function dying(store: OpsStore, writes: number): OpsStore {
  let left = writes;
  const commit: OpsStore['commit'] = async (changes) => {
    left -= 1;
    if (left < 0) throw opsException('SYS-0101', 'this engine is dead');
    return store.commit(changes);
  };
  return new Proxy<OpsStore>(store, {
    get(target, key) {
      if (key === 'commit') return commit;
      const member: unknown = Reflect.get(target, key);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function follower(id: string, dependency: Dependency, run: TargetFunction) {
  const policies: Partial<TargetPolicies> = { dependency };
  const { schedule: _schedule, ...definition } = testTarget(id, run, { policies });
  return definition;
}

/** The second of every slot of a target, once for each execution and for each time it was skipped. */
async function accountOf(store: OpsStore, targetId: string): Promise<readonly number[]> {
  const account: number[] = [];
  const count = (slotMs: number) => account.push((slotMs - VIRTUAL_START_MS) / 1000);
  const { items } = await store.queryExecutions({ jobId: targetId, runType: 'AUTO', limit: 1000 });
  for (const { scheduledAtMs } of items) if (scheduledAtMs !== undefined) count(scheduledAtMs);
  for (const skip of await store.readSkips(targetId, 1000)) {
    for (let index = 0; index < skip.count; index++) count(skip.fromMs + index * 1000);
  }
  return account.toSorted((a, b) => a - b);
}

async function start(definitions: readonly TargetDefinition[], store: OpsStore, nowMs: number) {
  return createTestOps({ targets: definitions, store, clock: new VirtualClock(nowMs), start: false });
}

/** As if the machine had lost its power while a start was under way: what was not written never is. */
async function dieWhileStarting(test: TestOps): Promise<void> {
  await test.ops.start().catch(() => undefined);
  await test.clock.settle();
}

it.each([0, 1, 2, 3, 4, 5, 6])(
  'an engine that dies after %i commits of its start loses no slot of a dependent',
  async (writes) => {
    const held = new HeldWork();
    const begun: string[] = [];
    const note: TargetFunction = ({ targetId, slotMs = 0 }) => {
      begun.push(`${targetId}@${(slotMs - VIRTUAL_START_MS) / 1000}`);
    };
    const targets = [
      testTarget('a', held.run, { policies: { overlap: { kind: 'queue', max: 5 } } }),
      follower('child', { after: ['a'], on: 'success' }, note),
      follower('alarm', { after: ['a'], on: 'any-failed' }, note),
      follower('grandchild', { after: ['alarm'], on: 'success' }, note),
    ];
    const store = await openSqliteStore({ path: join(folder, 'qts-ops.db'), now: () => VIRTUAL_START_MS });
    const first = await start(targets, dying(store, 1000), VIRTUAL_START_MS);
    await first.ops.start();
    await first.clock.advance(4500);
    // Slot 1 runs, 2 to 4 wait: nothing of it has concluded when the machine loses its power.
    const second = await start(targets, dying(store, writes), first.clock.now());
    await dieWhileStarting(second);
    const third = await start(targets, store, second.clock.now());
    await third.ops.start();
    await third.clock.settle();
    for (const id of ['a', 'child', 'alarm', 'grandchild']) {
      expect([id, ...(await accountOf(store, id))]).toEqual([id, 1, 2, 3, 4]);
    }
    expect(new Set(begun).size).toBe(begun.length);
    await third.ops.abort();
    await store.close();
  },
);
