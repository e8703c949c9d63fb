import { describe, expect, it } from 'vitest';
import { testTarget } from '../../testing/test-targets.ts';
import type { TargetState } from '../targets/target.ts';
import type { TargetPolicies } from '../targets/target-policies.ts';
import { newTargetState } from '../targets/target-rules.ts';
import {
  effectivePriority,
  nextReadyMs,
  type Occupancy,
  PRIORITY_STEP_MS,
  planDispatch,
  type WaitingRun,
} from './dispatch-rules.ts';
import { createExecution } from './execution-rules.ts';

const NOW_MS = 10_000_000;

interface Wish extends Partial<TargetPolicies> {
  readonly notBeforeMs?: number;
  readonly waitedMs?: number;
  readonly attempt?: number;
}

/** A run named `target:run`. */
function waits(name: string, { notBeforeMs, waitedMs = 0, attempt = 1, ...policies }: Wish = {}): WaitingRun {
  const [targetId = name] = name.split(':');
  const atMs = NOW_MS - waitedMs;
  const fields = { id: name, jobId: targetId, runType: 'AUTO' as const, atMs, scheduledAtMs: atMs, attempt };
  return {
    execution: createExecution(fields, 'scheduler').execution,
    definition: testTarget(targetId, () => undefined, { policies }),
    notBeforeMs: notBeforeMs ?? atMs,
  };
}

interface Taken {
  readonly lanes?: Readonly<Record<string, readonly number[]>>;
  readonly running?: Readonly<Record<string, number>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly states?: Readonly<Record<string, Partial<TargetState>>>;
  readonly obstacles?: Readonly<Record<string, string>>;
}

function occupancy({ lanes = {}, running = {}, limits = {}, states = {}, obstacles = {} }: Taken): Occupancy {
  return {
    lanesOf: (id) => lanes[id] ?? [],
    runningIn: (pool) => running[pool] ?? 0,
    limitOf: (pool) => limits[pool],
    stateOf: (id) => ({ ...newTargetState(id, 0), ...states[id] }),
    obstacleOf: (id) => obstacles[id],
    owner: undefined,
  };
}

/** `a b | c | d`: what starts, what goes on waiting, what is ended. */
function told(waiting: readonly WaitingRun[], taken: Taken = {}): string {
  const plan = planDispatch(waiting, occupancy(taken), NOW_MS);
  const starts = plan.starts.map(({ execution }) =>
    execution.lane === 0 ? execution.id : `${execution.id}@${execution.lane}`,
  );
  const ids = (runs: readonly WaitingRun[]) => runs.map((run) => run.execution.id).join(' ');
  return `${starts.join(' ')} | ${ids(plan.waiting)} | ${ids(plan.stops)}`;
}

const narrow = { pool: 'narrow' };
const limits = { narrow: 1 };
const allow3: Wish = { overlap: { kind: 'allow', maxConcurrent: 3 } };

describe('what starts of the runs that wait', () => {
  it('is every run of a pool without a limit', () => {
    expect(told([waits('a'), waits('b'), waits('c')])).toBe('a b c |  | ');
  });

  it('is as many as a pool has room for, first come first', () => {
    const all = ['a', 'b', 'c'].map((id) => waits(id, narrow));
    expect(told(all, { limits })).toBe('a | b c | ');
    expect(told(all, { limits, running: { narrow: 1 } })).toBe(' | a b c | ');
    expect(told([...all, waits('free')], { limits, running: { narrow: 5 } })).toBe('free | a b c | ');
  });

  it('begins with the highest priority', () => {
    const all = [waits('low', { ...narrow, priority: 1 }), waits('high', { ...narrow, priority: 8 })];
    expect(told(all, { limits })).toBe('high | low | ');
  });

  it('grows in priority with every minute of waiting, so that none waits for ever', () => {
    const old = waits('old', { ...narrow, priority: 1, waitedMs: 7 * PRIORITY_STEP_MS });
    const fresh = waits('new', { ...narrow, priority: 7 });
    expect(told([fresh, old], { limits })).toBe('old | new | ');
    const almost = waits('old', { ...narrow, priority: 1, waitedMs: 6 * PRIORITY_STEP_MS - 1 });
    expect(told([fresh, almost], { limits })).toBe('new | old | ');
    expect(effectivePriority(waits('x', { priority: 3, waitedMs: 3_600_000_000 }), NOW_MS)).toBe(9);
  });

  it('is older for a run that took the place of one that had waited', () => {
    const old = { ...waits('old', { ...narrow, priority: 1 }), waitsFromMs: NOW_MS - 7 * PRIORITY_STEP_MS };
    const fresh = waits('new', { ...narrow, priority: 7 });
    expect(told([fresh, old], { limits })).toBe('old | new | ');
    const equal = { ...waits('b', narrow), waitsFromMs: NOW_MS - 2 };
    expect(told([waits('a', { ...narrow, waitedMs: 1 }), equal], { limits })).toBe('b | a | ');
  });

  it('does not count the time before a run might start as waiting', () => {
    const waitedMs = 10 * PRIORITY_STEP_MS;
    expect(effectivePriority(waits('x', { priority: 3, waitedMs, notBeforeMs: NOW_MS - 1 }), NOW_MS)).toBe(3);
    expect(effectivePriority(waits('x', { priority: 3, waitedMs, notBeforeMs: NOW_MS + 9 }), NOW_MS)).toBe(3);
  });

  it('is nothing of a busy target, and its place in the pool goes to others', () => {
    const all = [waits('busy', { ...narrow, priority: 9 }), waits('b', narrow)];
    expect(told(all, { limits, lanes: { busy: [0] } })).toBe('b | busy | ');
  });

  it('is one run of a target that goes one by one, in the order in which they came', () => {
    expect(told([waits('a:1'), waits('a:2'), waits('b')])).toBe('a:1 b | a:2 | ');
    const putOff = waits('a:1', { notBeforeMs: NOW_MS + 5000 });
    expect(told([putOff, waits('a:2')])).toBe(' | a:1 a:2 | ');
    const aged = waits('a:2', { waitedMs: 5 * PRIORITY_STEP_MS });
    expect(told([putOff, aged])).toBe(' | a:1 a:2 | ');
  });

  it('takes the smallest free lanes', () => {
    const all = ['a:1', 'a:2', 'a:3'].map((name) => waits(name, allow3));
    expect(told(all)).toBe('a:1 a:2@1 a:3@2 |  | ');
    expect(told(all, { lanes: { a: [1] } })).toBe('a:1 a:2@2 | a:3 | ');
    expect(told(all, { lanes: { a: [0, 1, 2] } })).toBe(' | a:1 a:2 a:3 | ');
  });

  it('lets another run of a target with lanes pass one that may not start yet', () => {
    const putOff = waits('a:1', { ...allow3, notBeforeMs: NOW_MS + 1 });
    expect(told([putOff, waits('a:2', allow3)])).toBe('a:2 | a:1 | ');
  });
});

describe('what is ended instead of started', () => {
  const open = { kind: 'open', sinceMs: 0, cooldownMs: 1 } as const;
  const pause = { operatorId: 'kim', atMs: 0, reason: 'exchange is closed' };
  it.each<[string, Taken, string]>([
    ['a paused target', { states: { a: { pause } } }, ' |  | a:1'],
    ['a suspended target', { states: { a: { breaker: open } } }, ' |  | a:1'],
    ['a target that backs off', { states: { a: { backoffUntilMs: NOW_MS + 1 } } }, ' |  | a:1'],
    ['a target that has backed off', { states: { a: { backoffUntilMs: NOW_MS } } }, 'a:1 |  | '],
    ['a target whose function goes on', { obstacles: { a: 'not settled' } }, ' |  | a:1'],
    [
      'a target that is being probed by another run',
      { states: { a: { breaker: { kind: 'half-open', sinceMs: 0, cooldownMs: 1, executionId: 'other' } } } },
      ' |  | a:1',
    ],
    [
      'the probe itself, also during a back-off',
      {
        states: {
          a: {
            breaker: { kind: 'half-open', sinceMs: 0, cooldownMs: 1, executionId: 'a:1' },
            backoffUntilMs: NOW_MS + 1,
          },
        },
      },
      'a:1 |  | ',
    ],
  ])('%s', (_, taken, expected) => {
    expect(told([waits('a:1')], taken)).toBe(expected);
  });

  it('another attempt is started during a back-off: its own wait counts', () => {
    const taken = { states: { a: { backoffUntilMs: NOW_MS + 9 } } };
    expect(told([waits('a:1', { attempt: 2 })], taken)).toBe('a:1 |  | ');
  });

  it('says why in the row', () => {
    const { changes } = planDispatch([waits('a:1')], occupancy({ states: { a: { pause } } }), NOW_MS);
    expect(changes[0]).toMatchObject({
      execution: { status: 'STOPPED', stopRequest: { reason: 'not started: the target is paused' } },
    });
  });
});

it('runs are looked at again when the first of them may start', () => {
  const at = (notBeforeMs: number) => waits('a', { notBeforeMs });
  expect(nextReadyMs([at(NOW_MS + 9), at(NOW_MS + 4), at(NOW_MS)], NOW_MS)).toBe(NOW_MS + 4);
  expect(nextReadyMs([at(NOW_MS)], NOW_MS)).toBeUndefined();
});
