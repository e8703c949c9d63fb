import { describe, expect, it } from 'vitest';
import { DEFAULT_LOOP_POLICY, type LoopOptions, loopPolicyFromConfig, runEtedaLoop } from './loop.ts';

/** A loop over numbers that records its sleeps instead of sleeping and stops itself after `cycles` runs. */
function recorded(overrides: Partial<LoopOptions<number>> & { stopAfter?: number }) {
  const sleeps: number[] = [];
  const calls: number[] = [];
  const log: string[] = [];
  let next = 0;
  const { runOnce, stopAfter = 100, ...rest } = overrides;
  const options: LoopOptions<number> = {
    source: () => next++,
    policy: DEFAULT_LOOP_POLICY,
    shouldStop: () => calls.length >= stopAfter,
    sleep: async (ms) => void sleeps.push(ms),
    log: (level, message) => log.push(`${level} ${message}`),
    ...rest,
    runOnce: (snapshot) => {
      calls.push(snapshot);
      return runOnce?.(snapshot);
    },
  };
  return { options, sleeps, calls, log };
}

const alwaysFails = () => {
  throw new Error('no prices');
};

describe('loop policy: defaults 1000/5000/3 and custom values from config; PIPELINE_PAUSED truthy gives 0 cycles', () => {
  it('uses 1000 ms, 5000 ms and 3 retries by default', () => {
    expect(loopPolicyFromConfig({})).toEqual({
      intervalMs: 1_000,
      errorBackoffMs: 5_000,
      errorBackoffMaxRetries: 3,
      paused: false,
    });
  });

  it('takes custom values as numbers or text', () => {
    const values = {
      INTERVAL_MS: '250',
      ERROR_BACKOFF_MS: 750,
      ERROR_BACKOFF_MAX_RETRIES: '0',
      PIPELINE_PAUSED: '0',
    };
    expect(loopPolicyFromConfig(values)).toEqual({
      intervalMs: 250,
      errorBackoffMs: 750,
      errorBackoffMaxRetries: 0,
      paused: false,
    });
  });

  it('brings values out of range to the nearest allowed one', () => {
    const low = { INTERVAL_MS: 1, ERROR_BACKOFF_MS: 1, ERROR_BACKOFF_MAX_RETRIES: -1 };
    const high = { INTERVAL_MS: 1e9, ERROR_BACKOFF_MS: 1e9, ERROR_BACKOFF_MAX_RETRIES: 99 };
    expect(loopPolicyFromConfig(low)).toMatchObject({
      intervalMs: 100,
      errorBackoffMs: 500,
      errorBackoffMaxRetries: 0,
    });
    expect(loopPolicyFromConfig(high)).toMatchObject({
      intervalMs: 60_000,
      errorBackoffMs: 60_000,
      errorBackoffMaxRetries: 20,
    });
  });

  it('refuses a value that is not a number and names it', () => {
    expect(() => loopPolicyFromConfig({ INTERVAL_MS: 'soon' })).toThrow('INTERVAL_MS is "soon"');
  });

  it.each(['1', 'true', 'YES', 'on', true])('runs 0 cycles when PIPELINE_PAUSED is %s', async (value) => {
    const { options, calls } = recorded({ policy: loopPolicyFromConfig({ PIPELINE_PAUSED: value }) });
    expect(await runEtedaLoop(options)).toEqual({ cycles: 0, ended: 'paused' });
    expect(calls).toEqual([]);
  });

  it.each(['0', 'false', 'no', 'off', ''])('runs when PIPELINE_PAUSED is "%s"', async (value) => {
    const { options, calls } = recorded({
      policy: loopPolicyFromConfig({ PIPELINE_PAUSED: value }),
      stopAfter: 2,
    });
    await runEtedaLoop(options);
    expect(calls).toEqual([0, 1]);
  });
});

describe('loop failures: a runner that always throws and max retries 2 gives exactly 3 calls and the loop ends', () => {
  it('calls exactly 3 times, backs off twice and ends', async () => {
    const policy = { ...DEFAULT_LOOP_POLICY, errorBackoffMaxRetries: 2 };
    const { options, calls, sleeps, log } = recorded({ policy, runOnce: alwaysFails });
    expect(await runEtedaLoop(options)).toMatchObject({
      cycles: 3,
      ended: 'failed',
      lastError: new Error('no prices'),
    });
    expect(calls).toHaveLength(3);
    expect(sleeps).toEqual([5_000, 5_000]);
    expect(log.at(-1)).toBe('error loop ends after 3 failed cycles in a row');
  });

  it('treats a returned status error as a failure', async () => {
    const { options, calls } = recorded({ runOnce: () => ({ status: 'error', message: 'broker said no' }) });
    expect(await runEtedaLoop(options)).toMatchObject({
      ended: 'failed',
      lastError: new Error('broker said no'),
    });
    expect(calls).toHaveLength(4);
  });

  it('treats a failing source as a failure', async () => {
    const { options } = recorded({ source: alwaysFails });
    expect(await runEtedaLoop(options)).toMatchObject({ cycles: 4, ended: 'failed' });
  });

  it('counts failures anew after a good cycle', async () => {
    const runOnce = (snapshot: number) => (snapshot % 4 === 3 ? undefined : alwaysFails());
    const { options, calls } = recorded({ runOnce, stopAfter: 12 });
    expect(await runEtedaLoop(options)).toMatchObject({ ended: 'stopped' });
    expect(calls).toHaveLength(12);
  });
});

it('waits the interval between good cycles and not after the last', async () => {
  const { options, sleeps } = recorded({ stopAfter: 3 });
  expect(await runEtedaLoop(options)).toEqual({ cycles: 3, ended: 'stopped' });
  expect(sleeps).toEqual([1_000, 1_000]);
});

it('ends when the source is exhausted', async () => {
  let left = 2;
  const { options, calls } = recorded({ source: async () => (left-- > 0 ? 1 : undefined) });
  expect(await runEtedaLoop(options)).toEqual({ cycles: 2, ended: 'exhausted' });
  expect(calls).toHaveLength(2);
});

it('never runs two cycles at once', async () => {
  let running = 0;
  let most = 0;
  const runOnce = async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return undefined;
  };
  const { options } = recorded({ runOnce, stopAfter: 5 });
  await runEtedaLoop(options);
  expect(most).toBe(1);
});
