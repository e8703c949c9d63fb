import { describe, expect, it } from 'vitest';
import { type CheckPolicyInput, checkPolicy } from './check-policy.ts';
import { firstState, judgeLook, wantsRetry } from './check-rules.ts';
import type { CheckState } from './check-state.ts';

const START_MS = Date.UTC(2026, 0, 5);
const HOUR_MS = 3_600_000;
const DEFAULTS = { intervalMs: 60_000, timeoutMs: 10_000 };

/** A value and how many seconds after the start it was seen; no value: the look measured nothing. */
type Seen = readonly [second: number, value?: number];

function walk(seen: readonly Seen[], input: CheckPolicyInput) {
  const policy = checkPolicy('disk', { flapping: false, ...input }, DEFAULTS);
  let state = firstState('disk', policy, START_MS);
  const found: string[] = [];
  const states: CheckState[] = [];
  for (const [second, value] of seen) {
    const measured = value === undefined ? {} : { value, unit: 'MB' };
    const look = { status: 'pass', message: 'used', atMs: START_MS + second * 1000, durationMs: 1 } as const;
    const attempt = wantsRetry(state) ? 2 : 1;
    ({ state } = judgeLook(state, { ...look, ...measured, attempt }, { policy, maintenance: false }));
    found.push(state.last?.status ?? '');
    states.push(state);
  }
  return { found, states };
}

const hourly: CheckPolicyInput = { changePerMs: HOUR_MS, warn: { above: 60 }, crit: 600, failuresToAlert: 3 };

describe('thresholds of a change', () => {
  it('judge how fast the value grows, whatever the value is', () => {
    const slow = walk(
      [
        [0, 5000],
        [60, 5001],
        [120, 5002],
      ],
      hourly,
    );
    expect(slow.found).toEqual(['pass', 'pass', 'pass']);
    const fast = walk(
      [
        [0, 0],
        [60, 2],
        [65, 2.2],
      ],
      hourly,
    );
    expect(fast.found).toEqual(['pass', 'warn', 'warn']);
    const steep = walk(
      [
        [0, 0],
        [60, 11],
      ],
      hourly,
    );
    expect(steep.found).toEqual(['pass', 'fail']);
    expect(steep.states[1]?.last?.message).toBe('changes by +660 MB in 1 h: used');
  });

  it('see a value that shrinks, where a bound is below', () => {
    const found = walk(
      [
        [0, 100],
        [60, 90],
      ],
      { changePerMs: HOUR_MS, crit: { below: -300 } },
    ).found;
    expect(found).toEqual(['pass', 'fail']);
  });

  it('compare the looks that confirm a jump with what was before it, and the next one with the jump', () => {
    const jump: readonly Seen[] = [
      [0, 0],
      [60, 20],
      [65, 20],
      [70, 20],
      [130, 20],
      [190, 20],
    ];
    const { found, states } = walk(jump, hourly);
    expect(found).toEqual(['pass', 'fail', 'fail', 'fail', 'pass', 'pass']);
    expect(states.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'fail', 'fail', 'pass']);
  });

  it('are silent at a first look and after a clock that was set back, and see the next change', () => {
    expect(
      walk(
        [
          [3600, 0],
          [0, 500],
          [60, 520],
        ],
        hourly,
      ).found,
    ).toEqual(['pass', 'pass', 'fail']);
  });

  it('keep what they compare with while nothing is measured, which is unknown', () => {
    expect(walk([[0, 0], [60], [120, 24]], hourly).found).toEqual(['pass', 'unknown', 'fail']);
  });

  it('go on from the last look on record after a restart', () => {
    const policy = checkPolicy('disk', hourly, DEFAULTS);
    const last = walk(
      [
        [0, 0],
        [60, 0],
      ],
      hourly,
    ).states[1]?.last;
    const { changeFrom: _, ...fresh } = firstState('disk', policy, START_MS);
    const restarted = last === undefined ? fresh : { ...fresh, last };
    const look = {
      status: 'pass',
      message: '',
      value: 22,
      atMs: START_MS + 180_000,
      durationMs: 1,
      attempt: 1,
    } as const;
    const { state } = judgeLook(restarted, look, { policy, maintenance: false });
    expect(state.last).toMatchObject({ status: 'fail', message: 'changes by +660 in 1 h' });
  });

  it('are refused where there is no threshold to judge by', () => {
    expect(() => checkPolicy('disk', { changePerMs: HOUR_MS }, DEFAULTS)).toThrow(
      'changePerMs: without warn and crit there is nothing to judge by; add one of them',
    );
    expect(() => checkPolicy('disk', { changePerMs: 10, warn: 1 }, DEFAULTS)).toThrow(/changePerMs/);
  });
});
