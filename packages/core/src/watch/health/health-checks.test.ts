import { describe, expect, it } from 'vitest';
import type { CheckCall, CheckGap } from '../../ports/health-check.ts';
import { healthRig, networkCheck, quickCheck } from '../../testing/health-rig.ts';
import { summarizeHealth } from './readiness-rules.ts';

const never = () => new Promise(() => undefined);

describe('looking', () => {
  it('looks at every check at its interval, give or take five per cent', async () => {
    let looks = 0;
    await using rig = await healthRig({ checks: [quickCheck('a', () => ++looks > 0)] });
    await rig.health.start();
    await rig.clock.advance(60_000);
    expect(looks).toBeGreaterThanOrEqual(56);
    expect(looks).toBeLessThanOrEqual(64);
    expect(rig.health.view('a')).toMatchObject({ status: 'pass', last: { message: 'ok' } });
  });

  it('is not delayed by checks that throw, hang or ignore their signal', async () => {
    let looks = 0;
    const throws = () => {
      throw new Error('boom');
    };
    const hanging = Array.from({ length: 7 }, (_, index) => quickCheck(`hangs-${index}`, never));
    await using rig = await healthRig({
      checks: [...hanging, quickCheck('throws', throws), quickCheck('good', () => ++looks > 0)],
    });
    await rig.health.start();
    await rig.clock.advance(30_000);
    expect(looks).toBeGreaterThanOrEqual(27);
    expect(rig.health.view('throws')).toMatchObject({ status: 'fail', last: { message: 'boom' } });
    expect(rig.lines).toContain('warn Health check throws raised: boom');
  });

  it('ends a look at its deadline even if the check ignores its signal', async () => {
    let aborted = 0;
    const listens = ({ signal }: { readonly signal: AbortSignal }) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(signal.reason);
        });
      });
    await using rig = await healthRig({
      checks: [quickCheck('deaf', never), quickCheck('listens', listens)],
    });
    const running = rig.health.runNow();
    await rig.clock.advance(499);
    expect(rig.health.view('deaf').why).toBe('never-looked');
    await rig.clock.advance(1);
    const reports = await running;
    for (const report of reports) {
      expect(report.look).toMatchObject({
        status: 'fail',
        message: 'no answer within 500 ms',
        durationMs: 500,
      });
    }
    expect(aborted).toBe(1);
  });

  it('sets a kind aside after five looks that go on after their deadline, and uses it again when they ended', async () => {
    const held: Array<(value: boolean) => void> = [];
    const look = () => new Promise<boolean>((resolve) => held.push(resolve));
    await using rig = await healthRig({ checks: [quickCheck('stuck', look)] });
    await rig.health.start();
    await rig.clock.advance(20_000);
    expect(held).toHaveLength(5);
    expect(rig.health.view('stuck')).toMatchObject({ status: 'unknown', setAside: true });
    for (const release of held) release(true);
    await rig.clock.advance(1000);
    expect(rig.health.view('stuck').setAside).toBe(false);
    expect(held.length).toBeGreaterThan(5);
  });

  it('a kind that is set aside is told as an alert about every check of it, until its looks end', async () => {
    const held: Array<(value: boolean) => void> = [];
    const stuck = quickCheck('stuck', () => new Promise<boolean>((resolve) => held.push(resolve)));
    const well = { ...quickCheck('well', () => true), kind: stuck.kind };
    await using rig = await healthRig({ checks: [stuck, well] });
    await rig.health.start();
    await rig.clock.advance(30_000);
    expect(rig.health.view('well')).toMatchObject({ status: 'unknown', setAside: true });
    expect(rig.said()).toEqual(['raise ERROR stuck hard-fail', 'raise WARN well hard-unknown']);
    expect(rig.signals.at(-1)).toMatchObject({ errorCode: 'EXT-0602' });
    for (const release of held.splice(0)) release(true);
    await rig.clock.advance(5000);
    expect(rig.said().slice(2)).toContain('resolve WARN well recovered');
  });

  it('says that the engine was held up when a deadline comes much too late', async () => {
    await using rig = await healthRig({ checks: [quickCheck('a', never)] });
    const running = rig.health.runNow();
    await rig.clock.settle();
    await rig.clock.stall(5000);
    expect((await running)[0]?.look).toMatchObject({
      status: 'unknown',
      message: 'the engine was held up 4500 ms beyond the deadline',
    });
  });

  it('lets eight checks look at once, two at one target, and never one check twice', async () => {
    let now = 0;
    let most = 0;
    const perTarget = { now: 0, most: 0 };
    const waits = (ends: Array<() => void>, at: typeof perTarget | undefined) => () =>
      new Promise<boolean>((resolve) => {
        most = Math.max(most, ++now);
        if (at !== undefined) at.most = Math.max(at.most, ++at.now);
        ends.push(() => {
          now -= 1;
          if (at !== undefined) at.now -= 1;
          resolve(true);
        });
      });
    const ends: Array<() => void> = [];
    const checks = Array.from({ length: 20 }, (_, index) =>
      index < 5
        ? quickCheck(`same-${index}`, waits(ends, perTarget), { target: 'db' })
        : quickCheck(`other-${index}`, waits(ends, undefined)),
    );
    await using rig = await healthRig({ checks });
    const running = rig.health.runNow();
    const again = rig.health.runNow();
    for (let round = 0; round < 20; round++) {
      await rig.clock.settle();
      for (const end of ends.splice(0)) end();
    }
    expect((await running).map(({ checkId }) => checkId)).toEqual(checks.map(({ id }) => id));
    expect((await again).every(({ look }) => look?.status === 'pass')).toBe(true);
    expect(most).toBe(8);
    expect(perTarget.most).toBe(2);
  });

  it('spreads the first looks of many checks', async () => {
    const atMs: number[] = [];
    const checks = Array.from({ length: 100 }, (_, index) =>
      quickCheck(`c${index}`, ({ nowMs }) => atMs.push(nowMs) > 0, { intervalMs: 60_000 }),
    );
    await using rig = await healthRig({ checks });
    await rig.health.start();
    await rig.clock.advance(30_000);
    expect(atMs).toHaveLength(100);
    const perSecond = Array.from({ length: 30 }, (_, second) =>
      atMs.filter((ms) => Math.floor((ms % 60_000) / 1000) === second),
    );
    expect(Math.max(...perSecond.map((looks) => looks.length))).toBeLessThan(15);
  });
});

describe('confirming', () => {
  it('looks again sooner while a bad state is being confirmed, and counts the attempts', async () => {
    const attempts: Array<readonly [number, number]> = [];
    const look = ({ attempt, nowMs }: { readonly attempt: number; readonly nowMs: number }) => {
      attempts.push([attempt, nowMs]);
      return false;
    };
    const policy = { intervalMs: 60_000, retryIntervalMs: 5000, failuresToAlert: 3 };
    await using rig = await healthRig({ checks: [quickCheck('a', look, policy)] });
    await rig.health.start();
    await rig.clock.advance(60_000);
    expect(attempts.map(([attempt]) => attempt)).toEqual([1, 2, 3]);
    const at = attempts.map(([, nowMs]) => nowMs);
    expect((at[2] ?? 0) - (at[0] ?? 0)).toBe(10_000);
    expect(rig.said()).toEqual(['raise ERROR a hard-fail']);
  });

  it('raises once while it fails, goes up with the status, and resolves once', async () => {
    let status = 'pass';
    await using rig = await healthRig({
      checks: [quickCheck('a', () => ({ status, message: status }), { critical: true })],
    });
    for (const next of ['pass', 'warn', 'warn', 'fail', 'fail', 'unknown', 'fail', 'pass', 'pass']) {
      status = next;
      await rig.health.runNow();
      await rig.clock.advance(1000);
    }
    expect(rig.said()).toEqual([
      'raise WARN a hard-warn',
      'raise CRITICAL a hard-fail',
      'resolve CRITICAL a recovered',
    ]);
  });

  it('tells nothing but critical failures in the grace of a start, and the others after it', async () => {
    await using rig = await healthRig({
      checks: [quickCheck('plain', () => false), quickCheck('critical', () => false, { critical: true })],
      startupGraceMs: 30_000,
    });
    await rig.health.start();
    await rig.clock.advance(29_000);
    expect(rig.said()).toEqual(['raise CRITICAL critical hard-fail']);
    expect(rig.health.view('plain').held).toBe('grace');
    await rig.clock.advance(3000);
    expect(rig.said()).toEqual(['raise CRITICAL critical hard-fail', 'raise ERROR plain released']);
  });
});

describe('dependencies', () => {
  it('one failing parent silences thirty children, which go on looking; nobody is left open', async () => {
    let up = true;
    let looks = 0;
    const look = () => {
      looks += 1;
      return up;
    };
    const children = Array.from({ length: 30 }, (_, index) =>
      quickCheck(`child-${index}`, look, { dependsOn: ['parent'] }),
    );
    await using rig = await healthRig({
      checks: [...children, quickCheck('parent', () => up, { intervalMs: 60_000 })],
    });
    await rig.health.start();
    await rig.clock.advance(60_000);
    up = false;
    const before = looks;
    await rig.clock.advance(60_000);
    expect(looks - before).toBeGreaterThan(30 * 50);
    expect(rig.said()).toEqual(['raise ERROR parent hard-fail']);
    expect(rig.health.view('child-7')).toMatchObject({ status: 'fail', held: 'parent' });
    up = true;
    await rig.clock.advance(70_000);
    expect(rig.said()).toEqual(['raise ERROR parent hard-fail', 'resolve ERROR parent recovered']);
  });

  it('a child that still fails when its parent is well again is told then, and its end later', async () => {
    let parent = false;
    let child = false;
    await using rig = await healthRig({
      checks: [
        quickCheck('child', () => child, { dependsOn: ['parent'] }),
        quickCheck('parent', () => parent),
      ],
    });
    await rig.health.start();
    await rig.clock.advance(20_000);
    parent = true;
    await rig.clock.advance(3000);
    child = true;
    await rig.clock.advance(3000);
    expect(rig.said()).toEqual([
      'raise ERROR parent hard-fail',
      'resolve ERROR parent recovered',
      'raise ERROR child released',
      'resolve ERROR child recovered',
    ]);
  });

  it('an alert that is open is resolved even while the parent fails', async () => {
    let parent = true;
    let child = false;
    await using rig = await healthRig({
      checks: [
        quickCheck('child', () => child, { dependsOn: ['parent'] }),
        quickCheck('parent', () => parent),
      ],
    });
    await rig.health.start();
    await rig.clock.advance(20_000);
    parent = false;
    await rig.clock.advance(3000);
    child = true;
    await rig.clock.advance(3000);
    expect(rig.said()).toEqual([
      'raise ERROR child released',
      'raise ERROR parent hard-fail',
      'resolve ERROR child recovered',
    ]);
  });

  it('while our own connection is down, checks over the network say unknown and one alert is raised', async () => {
    let connected = true;
    let others = true;
    const checks = [
      ...['ref-a', 'ref-b', 'ref-c'].map((id) => networkCheck(id, () => connected, { intervalMs: 60_000 })),
      ...Array.from({ length: 10 }, (_, index) => networkCheck(`api-${index}`, () => connected && others)),
      quickCheck('disk', () => true),
    ];
    await using rig = await healthRig({
      checks,
      isolation: { references: ['ref-a', 'ref-b', 'ref-c'], down: 2 },
    });
    await rig.health.start();
    await rig.clock.advance(60_000);
    connected = false;
    await rig.clock.advance(30_000);
    expect(rig.health.isolated).toBe(true);
    expect(rig.said()).toEqual(['raise ERROR isolation hard-fail']);
    expect(rig.health.view('api-3')).toMatchObject({ status: 'unknown', last: { isolated: true } });
    expect(rig.health.view('disk').status).toBe('pass');
    connected = true;
    others = false;
    await rig.clock.advance(70_000);
    expect(rig.said().slice(0, 2)).toEqual([
      'raise ERROR isolation hard-fail',
      'resolve ERROR isolation recovered',
    ]);
    expect(rig.said().slice(2)).toHaveLength(10);
  });
});

describe('time', () => {
  it('a finding grows stale when nobody looks any more', async () => {
    await using rig = await healthRig({ checks: [quickCheck('a', () => true)] });
    await rig.health.runNow();
    await rig.clock.advance(2500);
    expect(rig.health.view('a')).toMatchObject({ status: 'pass' });
    await rig.clock.advance(1);
    expect(rig.health.view('a')).toMatchObject({ status: 'unknown', why: 'stale' });
  });

  it('after the machine slept, every finding counts as fresh once more, and one line says so', async () => {
    const checks = Array.from({ length: 20 }, (_, index) =>
      quickCheck(`c${index}`, () => true, { intervalMs: 60_000 }),
    );
    await using rig = await healthRig({ checks });
    await rig.health.start();
    await rig.clock.advance(60_000);
    rig.clock.stepWall(3_600_000);
    expect(rig.health.view('c3')).toMatchObject({ status: 'unknown', why: 'stale' });
    await rig.clock.advance(1000);
    expect(rig.health.list().every(({ status }) => status === 'pass')).toBe(true);
    expect(rig.lines).toEqual(['info the engine could not look for a while']);
    expect(await rig.store.readHealthGaps(10)).toMatchObject([{ reason: 'suspended' }]);
    await rig.clock.advance(70_000);
    expect(rig.said()).toEqual([]);
  });

  it('an alert is neither hurried by a sleep nor put off by a clock that is set back', async () => {
    const policy = { intervalMs: 10_000, retryIntervalMs: 5000, failuresToAlert: 1, forMs: 60_000 };
    for (const stepMs of [3_600_000, -3_600_000]) {
      let up = true;
      const checks = [
        quickCheck('parent', () => true),
        quickCheck('slow', () => up, policy),
        quickCheck('child', () => up, { intervalMs: 10_000, dependsOn: ['parent'] }),
      ];
      await using rig = await healthRig({ checks, inhibitWaitMs: 20_000 });
      await rig.health.start();
      await rig.clock.advance(60_000);
      up = false;
      await rig.clock.advance(15_000);
      expect(rig.said()).toEqual([]);
      rig.clock.stepWall(stepMs);
      await rig.clock.advance(2000);
      expect(rig.said()).toEqual([]);
      await rig.clock.advance(70_000);
      expect(rig.said().toSorted()).toEqual(['raise ERROR child released', 'raise ERROR slow hard-fail']);
    }
  });

  it('every look after a gap is told of it, the first one too', async () => {
    const gaps: unknown[] = [];
    const look = ({ gap }: CheckCall) => gaps.push(gap) > 0;
    await using rig = await healthRig({ checks: [quickCheck('a', look, { intervalMs: 10_000 })] });
    await rig.health.start();
    await rig.clock.advance(20_000);
    expect(new Set(gaps.splice(0))).toEqual(new Set([undefined]));
    const fromMs = rig.clock.now();
    rig.clock.stepWall(3_600_000);
    await rig.clock.advance(30_000);
    expect(gaps.length).toBeGreaterThanOrEqual(2);
    for (const gap of gaps) {
      expect(gap).toMatchObject({ reason: 'suspended' });
      expect(gap).toSatisfy(({ toMs }: CheckGap) => toMs - fromMs >= 3_600_000);
    }
  });

  it.each([
    ['stalled', async (rig: Awaited<ReturnType<typeof healthRig>>) => rig.clock.stall(8000)],
    ['clock-set', async (rig: Awaited<ReturnType<typeof healthRig>>) => rig.clock.stepWall(-3_600_000)],
  ] as const)('knows that it was %s', async (reason, happen) => {
    await using rig = await healthRig({ checks: [quickCheck('a', () => true, { intervalMs: 60_000 })] });
    await rig.health.start();
    await rig.clock.advance(60_000);
    await happen(rig);
    await rig.clock.advance(2000);
    expect(await rig.store.readHealthGaps(10)).toMatchObject([{ reason }]);
    expect(rig.health.view('a').status).toBe('pass');
  });

  it('accounts for time and not for looks; maintenance is left out and unknown shown apart', async () => {
    let status = 'pass';
    let maintenance = false;
    await using rig = await healthRig({
      checks: [quickCheck('a', () => ({ status, message: '' }), { intervalMs: 10_000 })],
      inMaintenance: () => maintenance,
    });
    await rig.health.start();
    await rig.clock.advance(10_000);
    const fromMs = rig.clock.now();
    for (const [next, ms] of [
      ['pass', 600_000],
      ['fail', 200_000],
      ['unknown', 100_000],
      ['pass', 100_000],
    ] as const) {
      status = next;
      await rig.clock.advance(ms);
    }
    maintenance = true;
    status = 'fail';
    await rig.clock.advance(500_000);
    const accounts = await rig.health.availability('a', { fromMs, toMs: rig.clock.now() });
    expect(accounts.passMs / 1000).toBeCloseTo(700, -2);
    expect(Math.abs(accounts.maintenanceMs - 500_000)).toBeLessThan(20_000);
    expect(accounts.known).toBeCloseTo(700 / 900, 1);
    expect(accounts.strict).toBeCloseTo(700 / 1000, 1);
    expect(accounts.coverage).toBeCloseTo(900 / 1000, 1);
    const { passMs, warnMs, failMs, unknownMs, maintenanceMs } = accounts;
    expect(passMs + warnMs + failMs + unknownMs + maintenanceMs).toBe(1_500_000);
  });
});

describe('what is told', () => {
  it('holds no secret, wherever a check puts one', async () => {
    const clean = (text: string) => text.replaceAll('hunter2', '[secret]');
    const checks = [
      quickCheck('throws', () => {
        throw new Error('login hunter2 refused');
      }),
      quickCheck('tells', () => ({
        status: 'fail',
        message: 'hunter2',
        unit: 'hunter2',
        details: { hunter2: ['hunter2'] },
      })),
    ];
    await using rig = await healthRig({ checks, clean });
    await rig.health.runNow();
    const everything = JSON.stringify([
      rig.lines,
      rig.signals,
      rig.commits,
      rig.health.list(),
      await rig.store.readCheckTransitions('tells', 10),
    ]);
    expect(everything).toContain('[secret]');
    expect(everything).not.toContain('hunter2');
  });

  it('is summed up: only critical checks keep the whole from being ready', async () => {
    let critical: unknown = true;
    let plain = true;
    await using rig = await healthRig({
      checks: [quickCheck('critical', () => critical, { critical: true }), quickCheck('plain', () => plain)],
    });
    const summary = async () => {
      await rig.health.runNow();
      const { status, ready, unready } = summarizeHealth(rig.health.list());
      return [status, ready, unready];
    };
    expect(summarizeHealth(rig.health.list())).toMatchObject({ status: 'unknown', ready: false });
    expect(await summary()).toEqual(['pass', true, []]);
    plain = false;
    expect(await summary()).toEqual(['warn', true, []]);
    critical = { status: 'unknown', message: 'no answer from the quota' };
    expect(await summary()).toEqual(['unknown', false, ['critical']]);
    critical = false;
    expect(await summary()).toEqual(['fail', false, ['critical']]);
  });
});
