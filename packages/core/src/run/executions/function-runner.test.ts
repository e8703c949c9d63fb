import { describe, expect, it } from 'vitest';
import type { TargetContext, TargetFunction } from '../../ports/target.ts';
import type { WorkStart } from '../../ports/work-runner.ts';
import { functionRunner, workRunnerByKind } from './function-runner.ts';

const noted: unknown[] = [];
const start: WorkStart = {
  executionId: 'execution-1',
  targetId: 'target-1',
  fence: 3,
  params: { day: 1 },
  onProgress: (progress) => noted.push(progress),
  onOutput: (chunk) => noted.push(chunk),
  onProcessGroup: () => {},
};
const runner = functionRunner();
const work = (run: TargetFunction) => ({ kind: 'function', run }) as const;

describe('functionRunner', () => {
  it('gives the function its context and takes progress and lines', async () => {
    let given: TargetContext | undefined;
    const handle = runner.start(
      work((context) => {
        given = context;
        context.log('line');
        context.progress({ done: 1 });
        return 'value';
      }),
      { ...start, slotMs: 5 },
    );
    expect(given).toBeUndefined();
    expect(await handle.settled).toEqual({ kind: 'returned', value: 'value' });
    expect(given).toMatchObject({
      executionId: 'execution-1',
      targetId: 'target-1',
      fence: 3,
      slotMs: 5,
      params: { day: 1 },
    });
    expect(noted).toEqual(['line\n', { done: 1 }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('says that it failed when the function %s', async (_how, run) => {
    expect(await runner.start(work(run), start).settled).toEqual({ kind: 'threw', error: new Error('no') });
  });

  it('aborts the signal with the reason, cannot kill, and still takes a late end', async () => {
    const release = Promise.withResolvers<string>();
    let signal: AbortSignal | undefined;
    const handle = runner.start(
      work((context) => {
        signal = context.signal;
        return release.promise;
      }),
      start,
    );
    await Promise.resolve();
    const reason = new Error('operator');
    handle.requestStop(reason);
    expect(signal?.reason).toBe(reason);
    expect(handle.kill()).toBe(false);
    release.resolve('late');
    expect(await handle.settled).toEqual({ kind: 'returned', value: 'late' });
  });

  it('ignores what a function says after its end', async () => {
    let context: TargetContext | undefined;
    await runner.start(
      work((given) => {
        context = given;
      }),
      start,
    ).settled;
    noted.length = 0;
    context?.log('too late');
    context?.progress({ done: 9 });
    expect(noted).toEqual([]);
  });

  it('tells the watch which functions run, also when they fail', async () => {
    const seen: string[] = [];
    const watched = functionRunner({
      watch: {
        enter: (executionId, targetId) => seen.push(`enter ${executionId} ${targetId}`),
        leave: (executionId) => seen.push(`leave ${executionId}`),
      },
    });
    await watched.start(
      work(() => Promise.reject(new Error('no'))),
      start,
    ).settled;
    expect(seen).toEqual(['enter execution-1 target-1', 'leave execution-1']);
  });
});

describe('workRunnerByKind', () => {
  it('hands work to the runner of its kind and refuses a kind without one', async () => {
    const byKind = workRunnerByKind({ function: runner });
    expect(
      await byKind.start(
        work(() => 1),
        start,
      ).settled,
    ).toEqual({ kind: 'returned', value: 1 });
    const isolated = { kind: 'isolated', module: '/m.js', export: 'run' } as const;
    expect(await byKind.start(isolated, start).settled).toMatchObject({
      kind: 'not-started',
      code: 'LOG-0401',
    });
    expect(await runner.start(isolated, start).settled).toMatchObject({
      kind: 'not-started',
      code: 'LOG-0401',
    });
  });
});
