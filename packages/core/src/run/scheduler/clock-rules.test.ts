import { describe, expect, it } from 'vitest';
import { nodeCronGrammar } from '../../adapters/cron-node/cron-grammar.ts';
import { testTarget } from '../../testing/test-targets.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import { newTargetState } from '../targets/target-rules.ts';
import { jumpOf, restartAfterStep } from './clock-rules.ts';
import type { Schedule } from './schedule.ts';
import { jobWasScheduled, registerTarget } from './target-registration.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 5, 1, 12);
const delay: Schedule = { kind: 'interval', everyMs: 5000, mode: 'delay', phaseMs: 0, runOnStart: false };
const suspended = { kind: 'open', sinceMs: NOW_MS, cooldownMs: 1000, probeAtMs: NOW_MS + 1000 } as const;

function cronTarget(expression: string): TargetDefinition {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(expression);
  const schedule = {
    kind: 'cron',
    expression,
    fields: parsed.fields,
    timeZone: 'UTC',
    dstGap: 'run',
  } as const;
  return testTarget('feed', () => undefined, { schedule });
}

const rateTarget = testTarget('feed', () => undefined);
const delayTarget = testTarget('feed', () => undefined, { schedule: delay });
const { schedule: _none, ...onDemandTarget } = rateTarget;
const state: TargetState = { ...newTargetState('feed', NOW_MS), revision: 7 };

describe('the wall clock was set when', () => {
  it.each([
    ['it moved as time did', 1000, 1000, 0],
    ['it is two seconds ahead', 3000, 1000, 0],
    ['it is more than two seconds ahead', 3001, 1000, 2001],
    ['it went back', -HOUR_MS, 1000, -HOUR_MS - 1000],
    ['it is a little behind', 0, 2000, 0],
    ['the loop stood still for a minute', 60_000, 60_000, 0],
  ])('%s', (_, wallMs, monoMs, jumpMs) => {
    expect(jumpOf({ wallMs, monoMs })).toBe(jumpMs);
  });
});

describe('after a step back', () => {
  const back = (definition: TargetDefinition, jumpMs: number, more: Partial<TargetState> = {}) =>
    restartAfterStep(definition, { ...state, ...more }, { nowMs: NOW_MS + jumpMs, jumpMs });

  it.each([
    ['an interval', rateTarget, -10_000, true],
    ['a delay', delayTarget, -10_000, true],
    ['a cron expression for all hours', cronTarget('*/5 * * * *'), -10_000, true],
    ['a cron expression for some hours, up to three hours', cronTarget('0 9 * * *'), -3 * HOUR_MS, false],
    ['a cron expression for some hours, beyond three hours', cronTarget('0 9 * * *'), -3 * HOUR_MS - 1, true],
    ['a target without a schedule', onDemandTarget, -10_000, false],
  ])('%s goes on at once in a new era: %s', (_, definition, jumpMs, restarts) => {
    const restart = back(definition, jumpMs);
    expect(restart?.state.clockEra).toBe(restarts ? 1 : undefined);
    expect(restart?.state.cursorMs).toBe(restarts ? NOW_MS + jumpMs : undefined);
    expect(restart?.change.kind).toBe(restarts ? 'target.update' : undefined);
  });

  it('what was measured on the old clock moves with it', () => {
    const more = { backoffUntilMs: NOW_MS + 500, nextSlotMs: NOW_MS + 4000, breaker: suspended };
    expect(back(delayTarget, -60_000, more)?.state).toMatchObject({
      backoffUntilMs: NOW_MS - 59_500,
      nextSlotMs: NOW_MS - 56_000,
      breaker: { probeAtMs: NOW_MS - 59_000 },
    });
  });

  it('a slot of a delay that was overdue is due now, not in the past', () => {
    expect(back(delayTarget, -60_000, { nextSlotMs: NOW_MS - 900 })?.state.nextSlotMs).toBe(NOW_MS - 60_000);
  });
});

describe('at the start of an engine', () => {
  const register = (definition: TargetDefinition, stored?: TargetState, wasScheduled = true) =>
    registerTarget({ definition, stored, wasScheduled, nowMs: NOW_MS });

  it('a new target begins now, and its first delay is counted from now', () => {
    const { state: fresh, changes } = register(delayTarget);
    expect(fresh).toMatchObject({ revision: 1, cursorMs: NOW_MS, nextSlotMs: NOW_MS + 5000 });
    expect(changes.map(({ kind }) => kind)).toEqual(['job.upsert', 'target.insert']);
    const atOnce = { ...delayTarget, schedule: { ...delay, runOnStart: true } };
    expect(register(atOnce).state.nextSlotMs).toBe(NOW_MS);
  });

  it('a known target goes on where it was: slots since then are looked at', () => {
    const stored = { ...state, cursorMs: NOW_MS - HOUR_MS };
    const { state: next, changes } = register(rateTarget, stored);
    expect(next).toBe(stored);
    expect(changes.map(({ kind }) => kind)).toEqual(['job.upsert']);
  });

  it('slots that nobody wanted are not missed', () => {
    const stored = { ...state, cursorMs: NOW_MS - 90 * 24 * HOUR_MS };
    expect(register(rateTarget, stored, false).state).toMatchObject({ cursorMs: NOW_MS, revision: 8 });
    expect(jobWasScheduled({ jobId: 'feed', jobName: 'feed', jobType: 'ON_DEMAND', isActive: true })).toBe(
      false,
    );
    expect(jobWasScheduled({ jobId: 'feed', jobName: 'feed', jobType: 'DAILY', isActive: false })).toBe(
      false,
    );
    expect(jobWasScheduled({ jobId: 'feed', jobName: 'feed', jobType: 'DAILY', isActive: true })).toBe(true);
    expect(jobWasScheduled(undefined)).toBe(false);
  });

  it('a delay whose run never ended gets a slot, and one that became a rate loses it', () => {
    expect(register(delayTarget, state).state.nextSlotMs).toBe(NOW_MS + 5000);
    const overdue = { ...state, nextSlotMs: NOW_MS - 40 };
    expect(register(delayTarget, overdue).state).toBe(overdue);
    expect(register(rateTarget, overdue).state).not.toHaveProperty('nextSlotMs');
  });

  it('a probe that cannot be going on leaves the target resting once more', () => {
    const halfOpen = { kind: 'half-open', sinceMs: 1, cooldownMs: 3000, executionId: 'gone' } as const;
    expect(register(rateTarget, { ...state, breaker: halfOpen }).state).toMatchObject({
      revision: 8,
      breaker: { kind: 'open', sinceMs: 1, cooldownMs: 3000, probeAtMs: NOW_MS + 3000 },
    });
  });

  it('a clock that was set back while no engine looked silences nobody', () => {
    const ahead = { ...state, cursorMs: NOW_MS + 24 * HOUR_MS };
    expect(register(rateTarget, ahead).state).toMatchObject({ clockEra: 1, cursorMs: NOW_MS, revision: 8 });
    const delayed = { ...ahead, nextSlotMs: ahead.cursorMs + 2000, breaker: suspended };
    expect(register(delayTarget, delayed).state).toMatchObject({ clockEra: 1, nextSlotMs: NOW_MS + 2000 });
    const barely = { ...state, cursorMs: NOW_MS + 1500 };
    expect(register(rateTarget, barely).state).toBe(barely);
  });
});
