import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countRows } from './counts.ts';
import { openCycleLog } from './cycle-log.ts';
import { lockDesk } from './desk-lock.ts';
import { readState, writeState } from './desk-state.ts';
import { linesSeen, parseLines, startProgram, temporaryFolder } from './desk-testing.ts';
import { nodeDisk } from './durable-files.ts';
import { parsePipelineOptions } from './pipeline-options.ts';

const header = 'date,open,high,low,close,volume';
const goodRow = (day: number) => `2021-02-${day},10,10,10,10,1`;

describe('one run', () => {
  it('consumes the next batch of an endless generated stream, prints one line and exits 0', async () => {
    using folder = temporaryFolder();
    const first = await startProgram('pipeline.ts', ['--data', folder.path, '--seed', '3']).ended;
    const second = await startProgram('pipeline.ts', ['--data', folder.path, '--seed', '3', '--batch', '5'])
      .ended;
    expect(first).toMatchObject({ code: 0, stderr: '', progress: '' });
    expect(first.stdout).toMatch(/^generated:3: 20 bars \(1-20\), BUY 0 .* safety NORMAL, .* ms\n$/);
    expect(second.stdout).toMatch(/^generated:3: 5 bars \(21-25\)/);
    expect(await countRows(folder.path)).toMatchObject({ bars: 25, complete: true });
  });

  it('writes progress to the descriptor named in QTS_PROGRESS_FD', async () => {
    using folder = temporaryFolder();
    const args = ['--data', folder.path, '--batch', '3'];
    const end = await startProgram('pipeline.ts', args, { QTS_PROGRESS_FD: '3' }).ended;
    expect(parseLines(end.progress)).toEqual([
      { done: 1, total: 3, message: 'bar 1 of 3' },
      { done: 2, total: 3, message: 'bar 2 of 3' },
      { done: 3, total: 3, message: 'bar 3 of 3' },
    ]);
  });

  it('ignores a progress descriptor that cannot be written', async () => {
    using folder = temporaryFolder();
    const end = await startProgram('pipeline.ts', ['--data', folder.path], { QTS_PROGRESS_FD: '99' }).ended;
    expect(end).toMatchObject({ code: 0, stderr: '' });
  });

  it('reports rejected rows with their line, keeps them and consumes all others', async () => {
    using folder = temporaryFolder();
    const bars = join(folder.path, 'mixed.csv');
    writeFileSync(bars, `${[header, goodRow(10), 'rubbish', goodRow(11)].join('\n')}\n`);
    const data = join(folder.path, 'data');
    const end = await startProgram('pipeline.ts', ['--data', data, '--bars', bars]).ended;
    expect(end).toMatchObject({ code: 0, stderr: 'line 3 rejected: expected 6 fields, found 1\n' });
    expect(end.stdout).toContain('all 2 rows consumed, 1 rows rejected (rejected-rows.jsonl)');
    expect(parseLines(readFileSync(join(data, 'rejected-rows.jsonl'), 'utf8'))).toMatchObject([{ line: 3 }]);
    const again = await startProgram('pipeline.ts', ['--data', data, '--bars', bars]).ended;
    expect(again).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('no bars') });
  });

  it('fails at the n-th bar when asked to and keeps the bars before it', async () => {
    using folder = temporaryFolder();
    const end = await startProgram('pipeline.ts', ['--data', folder.path, '--fail-at', '8']).ended;
    expect(end).toMatchObject({ code: 1, stderr: 'bar 8 failed because --fail-at asked for it\n' });
    expect(await countRows(folder.path)).toMatchObject({ bars: 7, complete: true });
  });

  it('finishes the current bar on SIGTERM, keeps what it did and exits 0', async () => {
    using folder = temporaryFolder();
    const args = ['--data', folder.path, '--batch', '50', '--pace', '60000'];
    const program = startProgram('pipeline.ts', args, { QTS_PROGRESS_FD: '3' });
    const progress = program.child.stdio[3];
    if (progress === null || progress === undefined || !('read' in progress))
      throw new Error('no progress pipe');
    await linesSeen(progress, 1);
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
    expect(await countRows(folder.path)).toMatchObject({ bars: 1, complete: true });
  });

  it('names the owner of a data folder that is in use', async () => {
    using folder = temporaryFolder();
    using _lock = lockDesk(folder.path);
    const end = await startProgram('pipeline.ts', ['--data', folder.path]).ended;
    expect(end.code).toBe(75);
    expect(end.stderr).toContain(`is in use by {"pid":${process.pid}`);
  });

  it('keeps every other pipeline out of its data folder until its end', async () => {
    using folder = temporaryFolder();
    const loop = startProgram('pipeline.ts', ['--data', folder.path, '--loop', '--batch', '1']);
    await linesSeen(loop.stdout, 1);
    const end = await startProgram('pipeline.ts', ['--data', folder.path, '--batch', '1']).ended;
    loop.child.kill('SIGTERM');
    expect(end).toMatchObject({ code: 75, stderr: expect.stringContaining(`{"pid":${loop.child.pid}`) });
    expect(await loop.ended).toMatchObject({ code: 0 });
  });

  it('refuses a command line it cannot follow with usage and exit code 2', async () => {
    const end = await startProgram('pipeline.ts', []).ended;
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('--data is missing');
    expect(end.stderr).toContain('node pipeline.ts --data DIR');
  });

  it.each([
    [['--batch', '0'], '--batch is "0"; a whole number from 1 to 100000 is allowed'],
    [['--fail-at', '1.5'], '--fail-at is "1.5"'],
    [['--bars', 'a', '--seed', '1'], '--bars and --seed exclude each other'],
    [['--what'], "Unknown option '--what'"],
  ])('names what is wrong with %j', (args, reason) => {
    expect(() => parsePipelineOptions(['--data', 'x', ...args])).toThrow(reason);
  });

  it('brings safety back to NORMAL in the name of an operator', async () => {
    using folder = temporaryFolder();
    await startProgram('pipeline.ts', ['--data', folder.path, '--batch', '1']).ended;
    const state = readState(folder.path);
    if (state === undefined) throw new Error('no state');
    writeState(nodeDisk, folder.path, { ...state, safety: { state: 'LOCKDOWN', code: 'FS050' } });
    const refused = await startProgram('pipeline.ts', ['--data', folder.path, '--recover', ' ']).ended;
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('needs the approval') });
    const done = await startProgram('pipeline.ts', ['--data', folder.path, '--recover', 'kim']).ended;
    expect(done).toMatchObject({ code: 0, stdout: 'safety LOCKDOWN -> NORMAL, approved by kim\n' });
    expect(readState(folder.path)?.safety).toEqual({ state: 'NORMAL' });
  });
});

describe('the loop', () => {
  it('goes on without losing a cycle when whoever read its output is gone, and ends on SIGTERM with exit 0', async () => {
    using folder = temporaryFolder();
    const program = startProgram('pipeline.ts', ['--data', folder.path, '--loop'], { INTERVAL_MS: '100' });
    await linesSeen(program.stdout, 2);
    for (const stream of program.child.stdio) stream?.destroy();
    await expect.poll(() => cyclesOf(folder.path).length).toBeGreaterThanOrEqual(5);
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0 });
    const cycles = cyclesOf(folder.path);
    expect(cycles).toMatchObject(cycles.map((_, index) => ({ cycle: index + 1, outcome: 'ok', bars: 20 })));
    expect(await countRows(folder.path)).toMatchObject({ bars: 20 * cycles.length, complete: true });
  });

  it('ends with exit 0 when the bar file is consumed', async () => {
    using folder = temporaryFolder();
    const bars = join(folder.path, 'small.csv');
    writeFileSync(bars, `${[header, goodRow(10), goodRow(11), goodRow(12)].join('\n')}\n`);
    const args = ['--data', join(folder.path, 'data'), '--bars', bars, '--batch', '2', '--loop'];
    const end = await startProgram('pipeline.ts', args, { INTERVAL_MS: '100' }).ended;
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(end.stdout).toMatch(/all 3 rows consumed\nloop ended: exhausted after 2 cycles\n$/);
  });

  it('runs no cycle while PIPELINE_PAUSED is on', async () => {
    using folder = temporaryFolder();
    const end = await startProgram('pipeline.ts', ['--data', folder.path, '--loop'], {
      PIPELINE_PAUSED: 'on',
    }).ended;
    expect(end).toMatchObject({ code: 0, stdout: 'loop ended: paused after 0 cycles\n' });
  });

  it('ends with exit 1 and records the failed cycle when retries are used up', async () => {
    using folder = temporaryFolder();
    const args = ['--data', folder.path, '--loop', '--fail-at', '3'];
    const end = await startProgram('pipeline.ts', args, { ERROR_BACKOFF_MAX_RETRIES: '0' }).ended;
    expect(end).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('loop ends after 1 failed cycles'),
    });
    expect(cyclesOf(folder.path)).toMatchObject([{ cycle: 1, bars: 2, outcome: 'error' }]);
  });
});

it('counts cycles on after a restart and drops a line that was cut off', () => {
  using folder = temporaryFolder();
  const line = { timestamp: '2026-01-05T00:00:00.000Z', durationMs: 5, bars: 20, outcome: 'ok' } as const;
  openCycleLog(folder.path)(line);
  writeFileSync(join(folder.path, 'loop-cycles.jsonl'), '{"timest', { flag: 'a' });
  openCycleLog(folder.path)(line);
  expect(cyclesOf(folder.path)).toEqual([
    { ...line, cycle: 1 },
    { ...line, cycle: 2 },
  ]);
});

function cyclesOf(dataDir: string): unknown[] {
  return parseLines(readFileSync(join(dataDir, 'loop-cycles.jsonl'), 'utf8'));
}
