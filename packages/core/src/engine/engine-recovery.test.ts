import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LastWord, Processes } from '../ports/processes.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import { createTestOps, type TestOps, type TestOpsOptions } from '../testing/create-test-ops.ts';
import { everyMs, HeldWork, testTarget } from '../testing/test-targets.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../testing/virtual-clock.ts';

const reason = 'looking into a problem';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-recovery-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The next engine on the same file, on a clock of its own that goes on where the last one stopped. */
function engine(
  targets: readonly TargetDefinition[],
  nowMs = VIRTUAL_START_MS,
  parts: NonNullable<TestOpsOptions['parts']> = {},
): Promise<TestOps> {
  const clock = new VirtualClock(nowMs);
  return createTestOps({ targets, storePath: join(folder, 'qts-ops.db'), clock, parts });
}

/** As if the machine had lost its power: nothing more is written, nothing more moves. */
async function die(test: TestOps): Promise<number> {
  await test.store.close();
  return test.clock.now();
}

describe('after the death of an engine', () => {
  it('what ran and what waited is FAILED BAT-0301, audited, and never run again', async () => {
    const held = new HeldWork();
    const feed = testTarget('feed', held.run);
    const first = await engine([feed]);
    await first.clock.stall(3500);
    const nowMs = await die(first);
    await using next = await engine([feed], nowMs + 700);
    const { items } = await next.store.queryExecutions({ jobId: 'feed', status: 'FAILED' });
    const slots = items.toSorted((a, b) => (a.scheduledAtMs ?? 0) - (b.scheduledAtMs ?? 0));
    expect(slots.map(({ status, errorCode, outcomeKnown }) => [status, errorCode, outcomeKnown])).toEqual([
      ['FAILED', 'BAT-0301', false],
      ['FAILED', 'BAT-0301', true],
      ['FAILED', 'BAT-0301', true],
    ]);
    expect(slots[0]?.errorMessage).toContain(`pid ${process.pid}`);
    const audited = await next.client.auditLogs({ auditType: 'SYSTEM_RECOVERY' });
    expect(audited.items.map(({ operatorId }) => operatorId)).toEqual(Array(3).fill('system:recovery'));
    await next.clock.advance(1000);
    expect(held.runs.map(({ context }) => context.slotMs)).toEqual([
      VIRTUAL_START_MS + 1000,
      VIRTUAL_START_MS + 4000,
    ]);
    expect(await next.store.verifyAuditChain(1)).toBeUndefined();
  });

  it('the slots of the time in between are late within the grace and missed beyond it', async () => {
    const ran: number[] = [];
    const beat = testTarget('beat', ({ slotMs = 0 }) => ran.push((slotMs - VIRTUAL_START_MS) / 1000), {
      graceMs: 2000,
    });
    const first = await engine([beat]);
    await first.clock.advance(3000);
    const nowMs = await die(first);
    await using next = await engine([beat], nowMs + 10_500);
    await next.clock.advance(0);
    expect(ran).toEqual([1, 2, 3, 12, 13]);
    expect(await next.store.countSlots('beat', VIRTUAL_START_MS)).toEqual({ executions: 5, skips: 8 });
  });

  it('pauses, counters, suspensions and outcomes are as they were', async () => {
    const fails = testTarget('fails', () => Promise.reject(new Error('no prices')));
    const paused = testTarget('paused', () => undefined);
    const first = await engine([fails, paused]);
    await first.clock.advance(5500);
    await first.client.pause('paused', { reason });
    const before = await first.store.readTargetStates();
    const nowMs = await die(first);
    await using next = await engine([fails, paused], nowMs);
    expect(await next.store.readTargetStates()).toEqual(before);
    await next.clock.advance(400);
    expect((await next.client.target('paused')).pause).toMatchObject({ operatorId: 'tester', reason });
  });

  it('a target that kills its engine is suspended the second time, with one alert', async () => {
    const held = new HeldWork();
    const poison = testTarget('poison', held.run, {
      schedule: everyMs(10_000),
      errors: { maxConsecutiveErrors: 1 },
    });
    let nowMs = VIRTUAL_START_MS;
    const told: number[] = [];
    for (const errors of [0, 0]) {
      const test = await engine([poison], nowMs);
      expect((await test.client.target('poison')).consecutiveErrors).toBe(errors);
      told.push(test.alerts.length);
      await test.clock.advance(10_500);
      nowMs = await die(test);
    }
    await using test = await engine([poison], nowMs);
    expect(await test.client.target('poison')).toMatchObject({
      consecutiveErrors: 1,
      breaker: { kind: 'open' },
    });
    // The first death is told as a failed run; the second one counts to it, and suspends.
    expect(told).toEqual([0, 1]);
    expect(test.alerts).toMatchObject([
      expect.stringMatching(/^CRITICAL target poison suspended .*BAT-0301/),
    ]);
    expect((await test.client.target('poison')).outcomes).toBe('xx');
  });

  it("one loss between good runs is nobody's fault", async () => {
    const held = new HeldWork();
    const feed = testTarget('feed', held.run, { errors: { maxConsecutiveErrors: 1 } });
    let nowMs = VIRTUAL_START_MS;
    for (let round = 0; round < 3; round++) {
      const test = await engine([feed], nowMs);
      await test.clock.advance(1500);
      held.newest.end();
      await test.clock.advance(1000);
      nowMs = await die(test);
    }
    await using test = await engine([feed], nowMs);
    expect(await test.client.target('feed')).toMatchObject({ consecutiveErrors: 0, outcomes: '.x.x.x' });
  });

  it('a target that only ran beside one that killed the engine is not counted for it', async () => {
    const held = new HeldWork();
    const errors = { maxConsecutiveErrors: 1 };
    const targets = ['poison', 'bystander'].map((id) =>
      testTarget(id, held.run, { schedule: everyMs(10_000), errors }),
    );
    const self = { host: 'test', bootId: 'boot-test', pid: process.pid, startTick: 1 };
    let word: LastWord | undefined;
    const processes: Processes = {
      self: () => self,
      isAlive: () => false,
      endLeftovers: async () => [],
      lastWord: () => word,
    };
    let nowMs = VIRTUAL_START_MS;
    for (let death = 0; death < 2; death++) {
      const test = await engine(targets, nowMs, { processes, self });
      await test.clock.advance(10_500);
      nowMs = await die(test);
      const executionId = held.runs.at(-1)?.context.executionId ?? '';
      word = {
        owner: self,
        atMs: nowMs,
        message: 'a callback threw',
        origin: { executionId, targetId: 'poison' },
      };
    }
    await using test = await engine(targets, nowMs, { processes, self });
    expect(await test.client.target('poison')).toMatchObject({
      consecutiveErrors: 1,
      breaker: { kind: 'open' },
    });
    expect(await test.client.target('bystander')).toMatchObject({
      consecutiveErrors: 0,
      breaker: { kind: 'closed' },
      outcomes: 'xx',
    });
    expect(test.alerts.join('\n')).not.toContain('target bystander suspended');
  });

  it('a lost probe leaves its target suspended, and the next probe comes after another rest', async () => {
    let work: () => unknown = () => Promise.reject(new Error('no prices'));
    const feed = testTarget('feed', () => work(), { errors: { cooldownMs: 10_000 } });
    const first = await engine([feed]);
    await first.clock.advance(4000);
    work = () => new Promise(() => undefined);
    await first.clock.advance(9500);
    expect((await first.client.target('feed')).breaker.kind).toBe('half-open');
    const nowMs = await die(first);
    await using next = await engine([feed], nowMs);
    work = () => undefined;
    expect((await next.client.target('feed')).breaker).toMatchObject({
      kind: 'open',
      probeAtMs: nowMs + 10_000,
    });
    await next.clock.advance(12_000);
    expect((await next.client.target('feed')).breaker.kind).toBe('closed');
  });

  it('a delay schedule whose run was lost is run again after its delay', async () => {
    const held = new HeldWork();
    const schedule = {
      kind: 'interval',
      everyMs: 5000,
      mode: 'delay',
      phaseMs: 0,
      runOnStart: false,
    } as const;
    const feed = testTarget('feed', held.run, { schedule });
    const first = await engine([feed]);
    await first.clock.advance(5500);
    const nowMs = await die(first);
    await using next = await engine([feed], nowMs);
    await next.clock.advance(4999);
    expect(held.runs).toHaveLength(1);
    await next.clock.advance(1);
    expect(held.runs).toHaveLength(2);
  });

  it('a row of a target that the config no longer names is closed too', async () => {
    const held = new HeldWork();
    const first = await engine([testTarget('old', held.run)]);
    await first.clock.advance(1500);
    const nowMs = await die(first);
    await using next = await engine([testTarget('new', () => undefined)], nowMs);
    const { items } = await next.client.executions({ jobId: 'old' });
    expect(items).toMatchObject([{ status: 'FAILED', errorCode: 'BAT-0301' }]);
    expect(await next.client.jobs()).toContainEqual(
      expect.objectContaining({ jobId: 'old', isActive: false }),
    );
  });

  it('a target that was on demand until now has missed nothing', async () => {
    const feed = testTarget('feed', () => undefined);
    const { schedule: _schedule, ...onDemand } = feed;
    const first = await engine([onDemand]);
    const nowMs = await die(first);
    await using next = await engine([feed], nowMs + 90 * 86_400_000);
    await next.clock.advance(3000);
    expect(await next.store.countSlots('feed', VIRTUAL_START_MS)).toEqual({ executions: 3, skips: 0 });
  });

  it('a clock that was set back while nothing ran silences nobody', async () => {
    let ran = 0;
    const beat = testTarget('beat', () => (ran += 1));
    const first = await engine([beat], VIRTUAL_START_MS + 86_400_000);
    await first.clock.advance(3000);
    await die(first);
    await using next = await engine([beat], VIRTUAL_START_MS);
    await next.clock.advance(3000);
    expect(ran).toBe(6);
  });
});
