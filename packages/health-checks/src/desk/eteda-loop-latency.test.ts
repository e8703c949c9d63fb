import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckCall } from '@qts-ops/core/plugin';
import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { etedaLoopLatency } from './eteda-loop-latency.ts';

const NOW = Date.parse('2026-11-20T03:00:00Z');

/** Records as the loop writes them, one a second up to now. */
const record = (durationMs: number, secondsAgo: number) =>
  `${JSON.stringify({ snapshot: { meta: { latency_ms: durationMs, timestamp_ms: NOW - secondsAgo * 1_000 } } })}\n`;
const records = (durations: readonly number[]) =>
  durations.map((duration, index) => record(duration, durations.length - index)).join('');

it('tells p50 and p95 of the cycles in a file', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(
    file,
    records([...Array.from({ length: 94 }, () => 20), ...Array.from({ length: 6 }, () => 900)]),
  );
  const look = (bounds: object) =>
    lookOnce(etedaLoopLatency({ file, failAboveP95Ms: 1_500, ...bounds }), { nowMs: NOW });
  expect(await look({})).toEqual({
    status: 'pass',
    message: `${file}: p95 900 ms (allowed up to 1.5 s), p50 20 ms over 100 cycles`,
    value: 900,
    unit: 'ms',
    observations: [
      { id: 'p50', value: 20, unit: 'ms' },
      { id: 'cycles', value: 100 },
    ],
  });
  expect((await look({ warnAboveP95Ms: 500 })).status).toBe('warn');
  expect((await look({ failAboveP95Ms: 500 })).status).toBe('fail');
  expect((await look({ failAboveP50Ms: 10 })).status).toBe('fail');
  expect((await look({ samples: 5, failAboveP50Ms: 1_000 })).observations?.[0]?.value).toBe(900);
});

it('counts the cycles that were missed', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(file, [10, 9, 8, 4, 3, 1].map((ago) => record(20, ago)).join(''));
  const bounds = { failAboveP95Ms: 100, expectedEveryMs: 1_000 };
  const finding = await lookOnce(etedaLoopLatency({ file, ...bounds, failAboveMissed: 3 }), { nowMs: NOW });
  expect(finding).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('4 missed (allowed up to 3)'),
  });
  expect(
    (await lookOnce(etedaLoopLatency({ file, ...bounds, warnAboveMissed: 3 }), { nowMs: NOW })).status,
  ).toBe('warn');
});

it('fails when the loop has stopped, though every recorded cycle was quick', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(file, records([20, 20, 20, 20, 20, 20]));
  const plugin = etedaLoopLatency({ file, failAboveP95Ms: 100, failAboveSilenceMs: 10_000 });
  expect((await lookOnce(plugin, { nowMs: NOW })).status).toBe('pass');
  expect(await lookOnce(plugin, { nowMs: NOW + 60_000 })).toEqual({
    status: 'fail',
    message: `${file}: the last cycle ended 61 s ago, allowed up to 10 s`,
  });
});

it('looks at this session only', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(file, records([5_000, 5_000, 5_000, 5_000, 5_000]));
  const bounds = { file, failAboveP95Ms: 100, failAboveSilenceMs: 10_000, samplesAtLeast: 1 };
  const since = (openSince: (nowMs: number) => number | undefined, nowMs: number) =>
    lookOnce(etedaLoopLatency({ ...bounds, openSince }), { nowMs });
  const closed = await since(() => undefined, NOW);
  expect(closed).toMatchObject({ status: 'pass', message: expect.stringContaining('no cycle is expected') });
  expect((await since(() => NOW + 1_000, NOW + 5_000)).status).toBe('unknown');
  expect((await since(() => NOW + 1_000, NOW + 12_000)).status).toBe('fail');
});

it('passes over lines that cannot be read, and a line that is still being written', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cycles.jsonl');
  writeFileSync(file, '{"ms":1}\nnot json\n{"ms":"slow"}\n{"ms":3,"at":"2026-11-20T02:59:59Z"}\n');
  appendFileSync(file, '{"ms":900');
  const plugin = etedaLoopLatency({
    file,
    durationField: 'ms',
    timeField: 'at',
    failAboveP95Ms: 10,
    samplesAtLeast: 2,
  });
  expect(await lookOnce(plugin, { nowMs: NOW })).toMatchObject({
    status: 'pass',
    value: 3,
    message: expect.stringContaining('over 2 cycles; 2 lines could not be read'),
  });
});

it('says unknown with too few cycles and fails without the file', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cycles.jsonl');
  const plugin = etedaLoopLatency({ file, failAboveP95Ms: 10 });
  expect((await lookOnce(plugin)).status).toBe('fail');
  writeFileSync(file, '');
  expect(await lookOnce(plugin)).toMatchObject({ status: 'unknown', message: `${file}: 0 cycles, needs 5` });
});

it('reads only the end of a large file', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  const filler = `{"note":"${'x'.repeat(1_000)}"}\n`;
  writeFileSync(file, record(9_000, 99) + filler.repeat(6_000) + records([1, 2, 3, 4, 5]));
  const finding = await lookOnce(etedaLoopLatency({ file, failAboveP95Ms: 100 }), { nowMs: NOW });
  expect(finding).toMatchObject({ status: 'pass', value: 5 });
});

it('takes durations from a function, and says unknown when it fails or hangs', async () => {
  const look = (cycles: () => readonly number[] | Promise<readonly number[]>) =>
    lookOnce(etedaLoopLatency({ cycles, failAboveP95Ms: 100, answerWithinMs: 80 }));
  expect(await look(() => [10, 20, 30, 40, 50])).toMatchObject({ status: 'pass', value: 50 });
  expect((await look(() => [10, 20, 30, 40, 500])).status).toBe('fail');
  expect((await look(() => Promise.reject(new Error('no record yet')))).message).toBe('loop: no record yet');
  expect((await look(() => Promise.withResolvers<number[]>().promise)).status).toBe('unknown');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() =>
    etedaLoopLatency({
      failAboveP95Ms: 10,
      warnAboveP95Ms: 20,
      failAboveMissed: 1,
      durationField: 'a..b',
      samples: 0,
    }),
  );
  for (const name of [
    'exactly one of file, cycles',
    'warnAboveP95Ms',
    'failAboveMissed: has a meaning only with expectedEveryMs',
    'durationField',
    'samples',
  ]) {
    expect(said).toContain(name);
  }
});

it('counts cycles that are missing since the last one, and none that a sleep of this machine kept from coming', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(file, records([20, 20, 20, 20, 20]));
  const plugin = etedaLoopLatency({
    file,
    failAboveP95Ms: 100,
    expectedEveryMs: 1_000,
    failAboveMissed: 3,
    failAboveSilenceMs: 10_000,
  });
  const missed = async (call: Partial<CheckCall>) => {
    const { status, observations } = await lookOnce(plugin, call);
    return [status, observations?.find(({ id }) => id === 'missed')?.value];
  };
  expect(await missed({ nowMs: NOW })).toEqual(['pass', 0]);
  expect(await missed({ nowMs: NOW + 3_500 })).toEqual(['pass', 3]);
  expect(await missed({ nowMs: NOW + 4_500 })).toEqual(['fail', 4]);
  const gap = { reason: 'suspended', fromMs: NOW + 500, toMs: NOW + 3_600_500 } as const;
  expect(await missed({ nowMs: gap.toMs + 1_000, gap })).toEqual(['pass', 1]);
  expect((await missed({ nowMs: gap.toMs + 20_000, gap }))[0]).toBe('fail');
});

it('says unknown for cycles of long ago or of the future, which tell nothing about now', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(file, records([20, 20, 20, 20, 20]));
  const look = (nowMs: number, bounds = {}) =>
    lookOnce(etedaLoopLatency({ file, failAboveP95Ms: 100, ...bounds }), { nowMs });
  expect((await look(NOW + 3_500_000)).status).toBe('pass');
  expect(await look(NOW + 2 * 86_400_000)).toEqual({
    status: 'unknown',
    message: `${file}: the last cycle ended 2 d ago, too old to tell about now`,
  });
  expect(await look(NOW - 10_801_000, { failAboveSilenceMs: 10_000 })).toEqual({
    status: 'unknown',
    message: `${file}: the last cycle ended 3 h in the future; a clock is wrong`,
  });
});

it('passes over no more useless lines than it has to', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'patterns.jsonl');
  writeFileSync(file, `${records([1, 2, 3, 4, 5])}${'x\n'.repeat(2_000_000)}`);
  expect(await lookOnce(etedaLoopLatency({ file, failAboveP95Ms: 100 }), { nowMs: NOW })).toEqual({
    status: 'unknown',
    message: `${file}: 0 cycles, needs 5; 1,000 lines could not be read`,
  });
});
