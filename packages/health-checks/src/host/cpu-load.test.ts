import { cpus } from 'node:os';
import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { cpuLoad, loadFinding, machineProcessors } from './cpu-load.ts';

const limits = { warnAbovePerProcessor: 1, failAbovePerProcessor: 2, window: '5m' } as const;

it('sees the load of this machine', async () => {
  expect(await lookOnce(cpuLoad({ failAbovePerProcessor: 10_000 }))).toMatchObject({
    status: 'pass',
    message: expect.stringMatching(
      /^load: [\d.]+ over 5m on \d+ processors, [\d.]+ each, allowed up to 10000$/,
    ),
  });
});

it('spreads the load over the processors', () => {
  expect(loadFinding({ average: 4, processors: 4 }, limits).status).toBe('pass');
  expect(loadFinding({ average: 4, processors: 2 }, limits).status).toBe('warn');
  expect(loadFinding({ average: 4, processors: 1 }, limits)).toMatchObject({ status: 'fail', value: 4 });
});

it('counts every processor of the machine, for the load is that of the machine', () => {
  expect(machineProcessors()).toBeGreaterThanOrEqual(cpus().length);
});

it('says unknown when the look is stopped', async () => {
  expect((await lookOnce(cpuLoad(), { signal: AbortSignal.abort() })).status).toBe('unknown');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => cpuLoad({ failAbovePerProcessor: -1, warnAbovePerProcessor: 0 }));
  expect(said).toMatch(/failAbovePerProcessor.*warnAbovePerProcessor/s);
});
