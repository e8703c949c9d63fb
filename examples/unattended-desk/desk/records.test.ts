import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generateBars } from './bar-generator.ts';
import { fileSource, generatedSource } from './bar-sources.ts';
import { countRows } from './counts.ts';
import { runBatch } from './desk-run.ts';
import { readState, writeState } from './desk-state.ts';
import {
  linesSeen,
  parseLines,
  readRecordFiles,
  startProgram,
  temporaryFolder,
  writeBarFile,
} from './desk-testing.ts';
import { fileBytes, nodeDisk } from './durable-files.ts';

const startMs = Date.parse('2026-03-02T09:00:00+09:00');
const bars = generateBars({ seed: 11, symbol: '005930', count: 1_500, startMs, stepMs: 60_000 });

it('writes one row of each kind for every bar, sorted by the day of the bar on the desk', async () => {
  using folder = temporaryFolder();
  await runBatch({ dataDir: folder.path, source: generatedSource(1), batch: 3_910 });
  const files = readRecordFiles(folder.path);
  expect(Object.keys(files)).toEqual([
    join('decision_snapshot', '20260105.jsonl'),
    join('decision_snapshot', '20260106.jsonl'),
    join('pattern_record', '20260105.jsonl'),
    join('pattern_record', '20260106.jsonl'),
    join('raw_snapshot', '20260105.jsonl'),
    join('raw_snapshot', '20260106.jsonl'),
  ]);
  expect(parseLines(files[join('raw_snapshot', '20260106.jsonl')] ?? '')).toHaveLength(10);
  const report = await countRows(folder.path);
  expect(report).toMatchObject({ bars: 3_910, complete: true });
});

it('carries the key names of the three record schemas', async () => {
  using folder = temporaryFolder();
  await runBatch({ dataDir: folder.path, source: generatedSource(1), batch: 1 });
  const rows = Object.values(readRecordFiles(folder.path)).flatMap(parseLines);
  expect(rows).toMatchObject([
    { seq: 0, pipeline_step: 'DECIDE', action: 'HOLD', symbol: '005930', risk_approved: false, metadata: {} },
    {
      seq: 0,
      snapshot: { meta: { mode: 'PAPER' }, context: { stage: 'computed' }, observation: { inputs: {} } },
      regime_tags: {},
      outcome_labels: {},
      metadata: { validation: { severity: 'PASS' }, guard: { action: 'ALLOW' } },
    },
    { seq: 0, ts: '2026-01-05T09:00:00+09:00', dataset: 'desk_bars', market: 'KRX', price: { open: 71_000 } },
  ]);
});

it('gives the same bytes however the bars are cut into batches', async () => {
  using whole = temporaryFolder();
  using cut = temporaryFolder();
  await runBatch({ dataDir: whole.path, source: generatedSource(5), batch: 60 });
  for (const batch of [1, 7, 12, 40]) {
    await runBatch({ dataDir: cut.path, source: generatedSource(5), batch });
  }
  expect(readRecordFiles(cut.path)).toEqual(readRecordFiles(whole.path));
});

it('takes back the rows of a commit that never ended and writes them once', async () => {
  using folder = temporaryFolder();
  const request = { dataDir: folder.path, source: generatedSource(2), batch: 10 };
  const first = await runBatch(request);
  const committed = readRecordFiles(folder.path);
  const pending = Object.keys(committed).map((path) => ({ path, bytes: fileBytes(join(folder.path, path)) }));
  writeState(nodeDisk, folder.path, { ...first.state, pending });
  for (const { path } of pending) appendFileSync(join(folder.path, path), '{"seq":10,"torn');
  await runBatch(request);
  expect(await countRows(folder.path)).toMatchObject({ bars: 20, complete: true });
  expect(readState(folder.path)?.pending).toBeUndefined();
});

it('refuses a damaged state file, names the remedy and leaves it as it is', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'desk-state.json'), '{"version":1');
  const run = runBatch({ dataDir: folder.path, source: generatedSource(2), batch: 10 });
  await expect(run).rejects.toThrow(/restore it from a backup/);
  expect(fileBytes(join(folder.path, 'desk-state.json'))).toBe(12);
});

it('refuses bars of another stream in the same data folder', async () => {
  using folder = temporaryFolder();
  await runBatch({ dataDir: folder.path, source: generatedSource(2), batch: 1 });
  const run = runBatch({ dataDir: folder.path, source: generatedSource(3), batch: 1 });
  await expect(run).rejects.toThrow('belongs to generated:2, not to generated:3');
});

it('loses and repeats no row when it is killed again and again with SIGKILL', async () => {
  using killed = temporaryFolder();
  using whole = temporaryFolder();
  const barFile = writeBarFile(whole.path, bars);
  const data = join(killed.path, 'data');
  const draw = seededDraw(20_260_302);
  for (let kill = 0; kill < 10; kill++) {
    const end = await startProgram('killed-run.ts', [data, barFile, '7', String(draw(150))]).ended;
    expect(end.signal, end.stderr).toBe('SIGKILL');
  }
  for (let kill = 0; kill < 5; kill++) {
    const program = startProgram('killed-run.ts', [data, barFile, '7', '0']);
    await linesSeen(program.stdout, draw(8));
    program.child.kill('SIGKILL');
    expect((await program.ended).signal).toBe('SIGKILL');
  }
  const last = await startProgram('killed-run.ts', [data, barFile, '7', '0']).ended;
  expect(last, last.stderr).toMatchObject({ code: 0 });
  expect(await countRows(data)).toMatchObject({ bars: bars.length, complete: true });
  await runBatch({ dataDir: whole.path, source: fileSource(barFile), batch: bars.length });
  expect(readRecordFiles(data)).toEqual(readRecordFiles(whole.path));
});

/** Whole numbers from 1 to `most`, always the same ones for a seed. */
function seededDraw(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * most);
  };
}
