import { describe, expect, it } from 'vitest';
import { SAMPLE_START_MS, sampleExecution } from '../../testing/store-samples.ts';
import type { Execution } from '../executions/execution.ts';
import { type Conclusion, concludeDependent, conclusionOf, isSettledBySkip } from './dependency-rules.ts';

const words: Readonly<Record<string, Conclusion | undefined>> = {
  ok: 'succeeded',
  bad: 'failed',
  skip: 'skipped',
  open: undefined,
};

describe("what becomes of a dependent's slot", () => {
  it.each<[string, string, string, string]>([
    // parents: on success, on all-done, on any-failed
    ['open', 'wait', 'wait', 'wait'],
    ['ok', 'run', 'run', 'skip'],
    ['bad', 'skip', 'run', 'run'],
    ['skip', 'skip', 'skip', 'skip'],
    ['ok ok', 'run', 'run', 'skip'],
    ['ok open', 'wait', 'wait', 'wait'],
    ['bad open', 'skip', 'wait', 'wait'],
    ['skip open', 'skip', 'skip', 'wait'],
    ['bad ok', 'skip', 'run', 'run'],
    ['bad bad', 'skip', 'run', 'run'],
    ['bad skip', 'skip', 'skip', 'run'],
    ['ok skip', 'skip', 'skip', 'skip'],
    ['skip skip', 'skip', 'skip', 'skip'],
    ['ok bad skip', 'skip', 'skip', 'run'],
  ])('parents %s: success %s, all-done %s, any-failed %s', (text, success, allDone, anyFailed) => {
    const parents = text.split(' ').map((word) => words[word]);
    const after = parents.map((_, index) => `p${index}`);
    const verdicts = (['success', 'all-done', 'any-failed'] as const).map((on) =>
      concludeDependent({ after, on }, parents),
    );
    expect(verdicts).toEqual([success, allDone, anyFailed]);
  });

  it('that one parent skipped is settled unless another one may still fail', () => {
    expect(isSettledBySkip({ after: ['a', 'b'], on: 'success' })).toBe(true);
    expect(isSettledBySkip({ after: ['a', 'b'], on: 'all-done' })).toBe(true);
    expect(isSettledBySkip({ after: ['a'], on: 'any-failed' })).toBe(true);
    expect(isSettledBySkip({ after: ['a', 'b'], on: 'any-failed' })).toBe(false);
  });
});

describe('what a slot came to with its last execution', () => {
  const started = { startedAtMs: SAMPLE_START_MS };
  it.each<[string, Partial<Execution>, Conclusion | undefined]>([
    ['a run that goes on', { status: 'RUNNING', ...started }, undefined],
    ['one that waits', { status: 'READY' }, undefined],
    ['a success', { status: 'SUCCESS', ...started }, 'succeeded'],
    ['a failure', { status: 'FAILED', ...started }, 'failed'],
    ['a stop', { status: 'STOPPED', ...started }, 'failed'],
    ['one that was ended before it started', { status: 'STOPPED' }, 'skipped'],
    ['one whose engine died before it started', { status: 'FAILED' }, 'skipped'],
    ['a second attempt that never started', { status: 'STOPPED', attempt: 2 }, 'failed'],
  ])('%s', (_, fields, expected) => {
    expect(conclusionOf({ ...sampleExecution('e'), ...fields })).toBe(expected);
  });
});
