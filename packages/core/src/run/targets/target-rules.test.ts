import { describe, expect, it } from 'vitest';
import '../executions/execution-errors.ts';
import { testErrorPolicy, testTarget } from '../../testing/test-targets.ts';
import { type ErrorPolicy, OUTCOMES_MAX, type TargetState } from './target.ts';
import {
  afterLostRun,
  afterRun,
  auditState,
  backoffMs,
  beginProbe,
  causeOfTurn,
  newTargetState,
  pauseTarget,
  type RunEnd,
  requireRevision,
  resetTarget,
  resumeTarget,
} from './target-rules.ts';

const policy: ErrorPolicy = {
  ...testErrorPolicy,
  errorBackoffMs: 100,
  backoffFactor: 2,
  maxBackoffMs: 1000,
  cooldownMs: 60_000,
  maxCooldownMs: 200_000,
};
const fresh = newTargetState('feed', 0);
const pause = { operatorId: 'kim', atMs: 5, reason: 'exchange is closed' };

type Ending = Partial<RunEnd> & Pick<RunEnd, 'status'>;

function endOf(ending: Ending): RunEnd {
  const code = ending.status === 'FAILED' ? { errorCode: 'BAT-0304', errorMessage: 'no' } : {};
  return { executionId: 'e1', scheduled: true, startedAtMs: 900, endedAtMs: 1000, ...code, ...ending };
}

/** The state after runs ended one after the other, a second apart. */
function stateAfter(state: TargetState, ...endings: readonly Ending[]): TargetState {
  let next = state;
  for (const [index, ending] of endings.entries()) {
    next = afterRun(next, endOf({ endedAtMs: 1000 * (index + 1), ...ending }), policy).state;
  }
  return next;
}

const failed: Ending = { status: 'FAILED' };
const succeeded: Ending = { status: 'SUCCESS' };
const stopped: Ending = { status: 'STOPPED' };

/** Suspended at 3000 with the probe due at 63,000. */
const suspended = stateAfter(fresh, failed, failed, failed);

function probing(state: TargetState, executionId = 'probe'): TargetState {
  if (state.breaker.kind !== 'open') throw new Error('not suspended');
  return { ...state, breaker: beginProbe(state.breaker, executionId) };
}

describe('the counter of errors in a row', () => {
  it.each<[string, readonly Ending[], number]>([
    ['grows with each failed slot', [failed, failed], 2],
    ['is 0 after a success', [failed, failed, succeeded], 0],
    ['does not move when a run is stopped', [failed, stopped], 1],
    ['does not move when a manual run fails', [failed, { status: 'FAILED', scheduled: false }], 1],
    ['is 0 after a manual success', [failed, { status: 'SUCCESS', scheduled: false }], 0],
  ])('%s', (_, endings, errors) => {
    expect(stateAfter(fresh, ...endings).consecutiveErrors).toBe(errors);
  });
});

describe('back-off', () => {
  it.each([
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1000],
    [900, 1000],
  ])('after failure %d waits %d ms', (failures, waitMs) => {
    expect(backoffMs(policy, failures)).toBe(waitMs);
  });

  it('with factor 1 waits the same time after every failure, as the original did', () => {
    const original = { ...policy, backoffFactor: 1, errorBackoffMs: 500 };
    expect([1, 2, 10].map((failures) => backoffMs(original, failures))).toEqual([500, 500, 500]);
  });

  it('counts from the end of the failed run and is over after a success', () => {
    expect(stateAfter(fresh, failed).backoffUntilMs).toBe(1100);
    expect(stateAfter(fresh, failed, failed).backoffUntilMs).toBe(2200);
    expect(stateAfter(fresh, failed, succeeded)).not.toHaveProperty('backoffUntilMs');
  });

  it('is left as it was by a manual failure and by a stop', () => {
    expect(stateAfter(fresh, failed, { status: 'FAILED', scheduled: false }).backoffUntilMs).toBe(1100);
    expect(stateAfter(fresh, failed, stopped).backoffUntilMs).toBe(1100);
  });
});

describe('the breaker', () => {
  it('opens at the limit and says so once', () => {
    const second = stateAfter(fresh, failed, failed);
    const { state, turn } = afterRun(second, endOf({ status: 'FAILED', endedAtMs: 3000 }), policy);
    expect(turn).toBe('suspended');
    expect(state.breaker).toEqual({ kind: 'open', sinceMs: 3000, cooldownMs: 60_000, probeAtMs: 63_000 });
    expect(causeOfTurn(turn)).toBe('suspended');
  });

  it('opens at the first failure when one is the limit', () => {
    const strict = { ...policy, maxConsecutiveErrors: 1 };
    expect(afterRun(fresh, endOf(failed), strict).turn).toBe('suspended');
  });

  it('closes after a successful probe, and says so', () => {
    const { state, turn } = afterRun(
      probing(suspended),
      endOf({ status: 'SUCCESS', executionId: 'probe' }),
      policy,
    );
    expect(turn).toBe('recovered');
    expect(state).toMatchObject({ breaker: { kind: 'closed' }, consecutiveErrors: 0 });
  });

  it('rests twice as long after each failed probe, up to the most, since the same instant', () => {
    let state = suspended;
    const cooldowns = [100_000, 300_000, 700_000].map((endedAtMs) => {
      const end = endOf({ status: 'FAILED', executionId: 'probe', endedAtMs });
      const { state: next, turn } = afterRun(probing(state), end, policy);
      expect(turn).toBe('still-suspended');
      expect(causeOfTurn(turn)).toBe('run-ended');
      state = next;
      return next.breaker;
    });
    expect(cooldowns).toEqual([
      { kind: 'open', sinceMs: 3000, cooldownMs: 120_000, probeAtMs: 220_000 },
      { kind: 'open', sinceMs: 3000, cooldownMs: 200_000, probeAtMs: 500_000 },
      { kind: 'open', sinceMs: 3000, cooldownMs: 200_000, probeAtMs: 900_000 },
    ]);
  });

  it('starts with the short rest again at the next suspension', () => {
    const recovered = stateAfter(probing(suspended), { status: 'SUCCESS', executionId: 'probe' });
    expect(stateAfter(recovered, failed, failed, failed).breaker).toMatchObject({ cooldownMs: 60_000 });
  });

  it('rests for the same time again when its probe was stopped: that proves nothing', () => {
    const state = stateAfter(probing(suspended), {
      status: 'STOPPED',
      executionId: 'probe',
      endedAtMs: 70_000,
    });
    expect(state.breaker).toEqual({ kind: 'open', sinceMs: 3000, cooldownMs: 60_000, probeAtMs: 130_000 });
    expect(state.consecutiveErrors).toBe(3);
  });

  it('stays open without a probe when recovery is manual, until a reset', () => {
    const manual = { ...policy, maxConsecutiveErrors: 1, recovery: 'manual' as const };
    const latched = afterRun(fresh, endOf(failed), manual).state;
    expect(latched.breaker).not.toHaveProperty('probeAtMs');
    expect(resetTarget(latched)).toMatchObject({ breaker: { kind: 'closed' }, consecutiveErrors: 0 });
  });

  it('closes when a manual run succeeds, and does not move when one fails', () => {
    const manual = (status: 'SUCCESS' | 'FAILED') => endOf({ status, scheduled: false });
    expect(afterRun(suspended, manual('SUCCESS'), policy)).toMatchObject({
      turn: 'recovered',
      state: { breaker: { kind: 'closed' } },
    });
    expect(afterRun(suspended, manual('FAILED'), policy)).toMatchObject({
      turn: 'none',
      state: { breaker: suspended.breaker, consecutiveErrors: 3 },
    });
  });
});

describe('a run that was lost with its engine', () => {
  const lost = endOf({ status: 'FAILED', errorCode: 'BAT-0301', errorMessage: 'the engine is dead' });
  const definition = testTarget('feed', () => undefined, { errors: { ...policy, maxConsecutiveErrors: 1 } });

  it('counts only when it was lost twice in a row', () => {
    const once = afterLostRun(fresh, lost, definition);
    expect(once).toMatchObject({ turn: 'none', state: { consecutiveErrors: 0, outcomes: 'x' } });
    const twice = afterLostRun(once.state, lost, definition);
    expect(twice).toMatchObject({ turn: 'suspended', state: { consecutiveErrors: 1, outcomes: 'xx' } });
  });

  it('does not count when anything else ended in between', () => {
    const between = afterRun(afterLostRun(fresh, lost, definition).state, endOf(succeeded), policy).state;
    expect(afterLostRun(between, lost, definition).state.consecutiveErrors).toBe(0);
  });

  it('does not count when it was manual or its target is no longer configured', () => {
    const once = afterLostRun(fresh, lost, definition).state;
    expect(afterLostRun(once, { ...lost, scheduled: false }, definition).state.consecutiveErrors).toBe(0);
    expect(afterLostRun(once, lost, undefined).state.consecutiveErrors).toBe(0);
  });

  it('leaves a suspended target suspended when it was its probe', () => {
    const end = { ...lost, executionId: 'probe', endedAtMs: 80_000 };
    expect(afterLostRun(probing(suspended), end, definition).state.breaker).toEqual({
      kind: 'open',
      sinceMs: 3000,
      cooldownMs: 60_000,
      probeAtMs: 140_000,
    });
  });
});

describe('what is remembered of the last runs', () => {
  it('is one letter each, the newest last, at most 24', () => {
    expect(stateAfter(fresh, succeeded, failed, stopped).outcomes).toBe('.xs');
    const many = stateAfter(fresh, ...Array.from({ length: 30 }, () => succeeded), failed);
    expect(many.outcomes).toBe(`${'.'.repeat(OUTCOMES_MAX - 1)}x`);
  });

  it('is the last end, and an error only while it is the last', () => {
    const bad = stateAfter(fresh, { status: 'FAILED', errorMessage: 'm'.repeat(900), startedAtMs: 400 });
    expect(bad).toMatchObject({ lastStatus: 'FAILED', lastErrorCode: 'BAT-0304', lastDurationMs: 600 });
    expect(bad.lastErrorMessage).toHaveLength(300);
    expect(bad).not.toHaveProperty('lastSuccessAtMs');
    const good = stateAfter(bad, { status: 'SUCCESS', endedAtMs: 5000, startedAtMs: 4000 });
    expect(good).toMatchObject({ lastStatus: 'SUCCESS', lastSuccessAtMs: 5000 });
    expect(good).not.toHaveProperty('lastErrorCode');
    expect(good).not.toHaveProperty('lastErrorMessage');
  });

  it('has no negative duration when the clock was set back during the run', () => {
    expect(stateAfter(fresh, { status: 'SUCCESS', startedAtMs: 9000, endedAtMs: 1000 }).lastDurationMs).toBe(
      0,
    );
  });
});

describe('an operator', () => {
  it('pauses and resumes without touching errors or suspension', () => {
    const paused = pauseTarget(suspended, pause);
    expect(paused).toEqual({ ...suspended, revision: suspended.revision + 1, pause });
    expect(resumeTarget(paused)).toEqual({ ...suspended, revision: suspended.revision + 2 });
  });

  it('resets errors, suspension and back-off, and leaves a pause', () => {
    const reset = resetTarget(pauseTarget({ ...suspended, backoffUntilMs: 99 }, pause));
    expect(reset).toMatchObject({ consecutiveErrors: 0, breaker: { kind: 'closed' }, pause });
    expect(reset).not.toHaveProperty('backoffUntilMs');
  });

  it('is refused when the target has moved on since he looked', () => {
    expect(() => requireRevision(suspended, suspended.revision)).not.toThrow();
    expect(() => requireRevision(suspended, undefined)).not.toThrow();
    expect(() => requireRevision(suspended, suspended.revision - 1)).toThrow(
      expect.objectContaining({ code: 'BAT-0105', data: expect.objectContaining({ targetId: 'feed' }) }),
    );
  });

  it('finds in the audit row what the act changed', () => {
    expect(auditState(pauseTarget(suspended, pause))).toEqual({
      revision: suspended.revision + 1,
      consecutiveErrors: 3,
      breaker: 'open',
      pause,
    });
  });
});

it('every change of a state makes its revision one higher', () => {
  const states = [
    pauseTarget(fresh, pause),
    resumeTarget(fresh),
    resetTarget(fresh),
    stateAfter(fresh, succeeded),
    stateAfter(fresh, failed),
    stateAfter(fresh, stopped),
  ];
  expect(states.map(({ revision }) => revision)).toEqual(states.map(() => fresh.revision + 1));
});
