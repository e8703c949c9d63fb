import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { DEFAULT_POLICIES } from '../run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';
import type { OpsStore } from './ops-store.ts';

const hourMs = 3_600_000;
const beat = testTarget('beat', () => 'done');

async function jumpsOnRecord(test: TestOps) {
  return (await test.store.queryAudit({ auditType: 'CLOCK_JUMP' })).items;
}

describe('a wall clock that is set', () => {
  it.each([
    [-2 * hourMs, 'the wall clock was set back by 2 h; schedules that begin anew: 1', 1],
    [
      24 * hourMs,
      'the wall clock went 1 d ahead of the time that passed; slots in between are late or missed',
      0,
    ],
  ])('by %i ms leaves one audit row, one warning and one event', async (stepMs, text, restarted) => {
    const told: number[] = [];
    await using test = await createTestOps({ targets: [beat] });
    test.ops.subscribe(({ name, payload }) => {
      if (name === 'clock.jumped' && 'jumpMs' in payload) told.push(payload.jumpMs);
    });
    await test.clock.advance(2500);
    test.clock.stepWall(stepMs);
    await test.clock.advance(5000);
    const noticedMs = VIRTUAL_START_MS + 3000 + stepMs;
    expect(await jumpsOnRecord(test)).toMatchObject([
      {
        atMs: noticedMs,
        action: 'UPDATE',
        targetType: 'SYSTEM_CONFIG',
        targetId: 'clock',
        before: { wallMs: noticedMs - stepMs },
        after: { wallMs: noticedMs, jumpMs: stepMs, restarted },
        operatorId: 'system:scheduler',
        operatorReason: text,
        outcome: 'OK',
        host: 'test',
      },
    ]);
    expect(told).toEqual([stepMs]);
    expect(test.logged.filter((line) => line.includes('the wall clock was set'))).toHaveLength(1);
    expect(await test.store.verifyAuditChain(1)).toBeUndefined();
  });

  it('by less than two seconds leaves nothing', async () => {
    await using test = await createTestOps({ targets: [beat] });
    test.clock.stepWall(-1900);
    await test.clock.advance(3000);
    expect(await jumpsOnRecord(test)).toEqual([]);
  });

  it('while the store refuses is on record once, with every schedule begun anew once', async () => {
    const clock = new VirtualClock();
    const real = await openSqliteStore({ path: ':memory:', now: () => clock.now() });
    let commits = Number.NEGATIVE_INFINITY;
    const commit: OpsStore['commit'] = async (changes) => {
      commits += 1;
      // The first commit of the restarts is written, the next two are not.
      if (commits === 2 || commits === 3) throw opsException('SYS-0302', 'the disk is full');
      return real.commit(changes);
    };
    const store = new Proxy<OpsStore>(real, {
      get(target, key) {
        if (key === 'commit') return commit;
        const member: unknown = Reflect.get(target, key);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const schedule = {
      kind: 'interval',
      everyMs: hourMs,
      mode: 'rate',
      phaseMs: 0,
      runOnStart: false,
    } as const;
    const targets = Array.from({ length: 250 }, (_, n) => testTarget(`t${n}`, () => 'done', { schedule }));
    await using test = await createTestOps({ targets, store, clock });
    await clock.advance(1500);
    commits = 0;
    clock.stepWall(-10 * hourMs);
    await clock.advance(10_000);
    expect(commits).toBeGreaterThanOrEqual(5);
    expect(await jumpsOnRecord(test)).toMatchObject([{ after: { restarted: 250 } }]);
    const states = await store.readTargetStates();
    expect(new Set(states.map(({ clockEra }) => clockEra))).toEqual(new Set([1]));
    expect(Math.max(...states.map(({ cursorMs }) => cursorMs))).toBeLessThan(VIRTUAL_START_MS - 9 * hourMs);
  });
});

const { retry } = DEFAULT_POLICIES;
const waits: ReadonlyArray<readonly [string, Parameters<typeof testTarget>[2]]> = [
  ['another attempt', { policies: { retry: { ...retry, maxAttempts: 2, backoffMs: 60_000 } } }],
  ['a back-off', { errors: { errorBackoffMs: 20_000 } }],
  ['a probe', { errors: { maxConsecutiveErrors: 1, cooldownMs: 60_000 } }],
  ['its jitter', { policies: { jitterMs: 9000 } }],
];

it.each(waits.flatMap(([what, options]) => [2, 24].map((hours) => [hours, what, options] as const)))(
  'set back by %i h, it does not make a heartbeat wait longer for %s',
  async (hours, what, options) => {
    let runs = 0;
    const work = () => {
      runs += 1;
      if (what !== 'its jitter') throw opsException('EXT-0103', 'no prices');
    };
    const target = testTarget('beat', work, { schedule: everyMs(10_000), ...options });
    await using test = await createTestOps({ targets: [target] });
    await test.clock.advance(10_500);
    const before = runs;
    test.clock.stepWall(-hours * hourMs);
    await test.clock.advance(90_000);
    expect(runs).toBeGreaterThan(before);
  },
);

it.each([0, 9000])(
  'set back while a run goes on, what comes after it runs in time, with a jitter of %i ms',
  async (jitterMs) => {
    const held = new HeldWork();
    let runs = 0;
    const count = () => {
      runs += 1;
    };
    const policies = { jitterMs, dependency: { after: ['beat'], on: 'success' } } as const;
    const { schedule: _none, ...follower } = testTarget('follower', count, { policies });
    const parent = testTarget('beat', held.run, { schedule: everyMs(10_000) });
    await using test = await createTestOps({ targets: [parent, follower] });
    await test.clock.advance(10_500);
    test.clock.stepWall(-24 * hourMs);
    await test.clock.advance(2000);
    held.newest.end();
    await test.clock.advance(10_000);
    expect(runs).toBe(1);
  },
);
