import { describe, expect, it } from 'vitest';
import './execution-errors.ts';
import { isTerminal } from './execution.ts';
import {
  amendExecution,
  claimExecution,
  createExecution,
  type EndedExecution,
  EXECUTION_TRANSITIONS,
  failExecution,
  type NewExecution,
  type ReadyExecution,
  type RunningExecution,
  requestStop,
  requireActive,
  requireRunning,
  slotExecutionId,
  stopExecution,
  succeedExecution,
} from './execution-rules.ts';
import type { ExecutionChange } from './execution-store.ts';

const owner = { host: 'h', bootId: 'b', pid: 1, startTick: 2 };
const request: NewExecution = {
  id: 'e1',
  jobId: 'pipeline',
  runType: 'AUTO',
  atMs: 1000,
  scheduledAtMs: 1000,
};
const end = { atMs: 3000, by: 'scheduler' };
const stop = { operatorId: 'kim', atMs: 2500, reason: 'the broker is down' };
const failure = { code: 'BAT-0304', message: 'no prices', detail: { name: 'Error' } } as const;

const ready = createExecution(request, 'scheduler').execution;
const running = claimExecution(ready, owner, 1500).execution;
const STATES = {
  READY: ready,
  RUNNING: running,
  SUCCESS: succeedExecution(running, end).execution,
  FAILED: failExecution(running, failure, end).execution,
  STOPPED: stopExecution(running, stop, end).execution,
} as const;

/** Calls a verb with an execution its type forbids, as JavaScript or a stale copy could. */
const VERBS = {
  RUNNING: (execution: unknown) => claimExecution(execution as ReadyExecution, owner, 2000),
  SUCCESS: (execution: unknown) => succeedExecution(execution as RunningExecution, end),
  FAILED: (execution: unknown) => failExecution(execution as RunningExecution, failure, end),
  STOPPED: (execution: unknown) => stopExecution(execution as RunningExecution, stop, end),
} as const;

const PAIRS = Object.keys(STATES).flatMap((from) =>
  Object.keys(VERBS).map((to) => [from, to] as [keyof typeof STATES, keyof typeof VERBS]),
);

describe('the life of an execution', () => {
  it.each(PAIRS)('%s to %s is legal only as the table says, else BAT-0102', (from, to) => {
    const before = STATES[from];
    if (EXECUTION_TRANSITIONS[from].includes(to)) {
      const { execution, changes } = VERBS[to](before);
      expect(execution.status).toBe(to);
      expect(changes[0]).toMatchObject({
        kind: 'execution.update',
        expect: { status: from, fence: before.fence },
      });
    } else {
      expect(() => VERBS[to](before)).toThrow(
        expect.objectContaining({
          code: 'BAT-0102',
          data: expect.objectContaining({ status: from, wish: to }),
        }),
      );
    }
  });

  it('allows six steps in all, and none out of an end', () => {
    expect(Object.values(EXECUTION_TRANSITIONS).flat()).toHaveLength(6);
    for (const status of ['SUCCESS', 'FAILED', 'STOPPED'] as const) {
      expect(EXECUTION_TRANSITIONS[status]).toEqual([]);
      expect(isTerminal(status)).toBe(true);
    }
  });

  it.each(['SUCCESS', 'FAILED', 'STOPPED', 'READY'] as const)(
    'a %s one takes no progress and no stop',
    (from) => {
      const ended = STATES[from] as unknown as RunningExecution;
      const refused = expect.objectContaining({ code: 'BAT-0102' });
      expect(() => amendExecution(ended, {}, end)).toThrow(refused);
      expect(() => requestStop(ended, stop)).toThrow(refused);
      expect(() => requireRunning(ended, 'progress')).toThrow(refused);
      if (from !== 'READY') expect(() => requireActive(ended, 'STOPPED')).toThrow(refused);
    },
  );
});

describe('a new execution', () => {
  it('is READY, at fence 0, its own root, and has done nothing', () => {
    expect(ready).toMatchObject({
      status: 'READY',
      fence: 0,
      attempt: 1,
      rootExecutionId: 'e1',
      late: false,
    });
    expect(ready).not.toHaveProperty('startedAtMs');
    expect(ready).not.toHaveProperty('parentExecutionId');
  });

  it.each([
    [1000, false],
    [2000, false],
    [2001, true],
  ])('of the slot 1000 made at %d is late: %s', (atMs, late) => {
    expect(createExecution({ ...request, atMs }, 'scheduler').execution.late).toBe(late);
  });

  it('that waited too long is late when it starts', () => {
    expect(claimExecution(ready, owner, 2000).execution.late).toBe(false);
    expect(claimExecution(ready, owner, 2001).execution.late).toBe(true);
  });

  it('that resumes another points to it and to the root of the chain', () => {
    const child = createExecution(
      { ...request, id: 'e2', parent: STATES.FAILED as EndedExecution },
      'kim',
    ).execution;
    const grandchild = createExecution({ ...request, id: 'e3', parent: child }, 'kim').execution;
    expect(child).toMatchObject({ parentExecutionId: 'e1', rootExecutionId: 'e1' });
    expect(grandchild).toMatchObject({ parentExecutionId: 'e2', rootExecutionId: 'e1' });
  });

  it('keeps its owner and a grown fence once it is claimed', () => {
    expect(running).toMatchObject({ status: 'RUNNING', fence: 1, startedAtMs: 1500, owner });
    expect(claimExecution(ready, undefined, 1500).execution).not.toHaveProperty('owner');
  });
});

describe('an end', () => {
  it('that failed keeps code, message, detail and one ERROR line of the category of its code', () => {
    const { execution, changes } = failExecution(running, failure, end);
    expect(execution).toMatchObject({
      errorCode: 'BAT-0304',
      errorMessage: 'no prices',
      errorDetail: { name: 'Error' },
      endedAtMs: 3000,
      outcomeKnown: true,
    });
    expect(logLines(changes)).toEqual([
      expect.objectContaining({ level: 'ERROR', category: 'BAT', code: 'BAT-0304', message: 'no prices' }),
    ]);
  });

  it('does not know its outcome when the code says so', () => {
    const lost = { code: 'BAT-0301', message: 'gone' } as const;
    expect(failExecution(running, lost, end).execution.outcomeKnown).toBe(false);
    expect(failExecution(ready, { ...lost, outcomeKnown: true }, end).execution.outcomeKnown).toBe(true);
  });

  it('that was stopped keeps who and why, and one WARN line under the code of the specification', () => {
    const { execution, changes } = stopExecution(ready, stop, end);
    expect(execution).toMatchObject({ status: 'STOPPED', stopRequest: stop, endedAtMs: 3000 });
    expect(execution).not.toHaveProperty('errorCode');
    expect(logLines(changes)).toEqual([
      expect.objectContaining({
        level: 'WARN',
        category: 'BAT',
        code: 'C1-BAT-002',
        message: 'stopped by kim: the broker is down',
      }),
    ]);
  });

  it('cuts a message that is too long, in the row and in the log', () => {
    const { execution, changes } = failExecution(running, { ...failure, message: 'x'.repeat(5000) }, end);
    expect(execution).toHaveProperty('errorMessage.length', 1000);
    expect(logLines(changes)[0]?.message).toHaveLength(1000);
  });
});

describe('the id of a slot', () => {
  const slot = { targetId: 'a', slotMs: 1, clockEra: 0, attempt: 1, replayGeneration: 0 };

  it('is the same for the same slot and differs in every part', () => {
    const others = [
      slot,
      { ...slot, targetId: 'b' },
      { ...slot, slotMs: 2 },
      { ...slot, clockEra: 1 },
      { ...slot, attempt: 2 },
      { ...slot, replayGeneration: 1 },
    ].map(slotExecutionId);
    expect(new Set(others).size).toBe(others.length);
    expect(slotExecutionId({ ...slot })).toBe(others[0]);
  });
});

function logLines(changes: readonly ExecutionChange[]) {
  return changes.flatMap((change) => (change.kind === 'execution.log' ? [change.entry] : []));
}
