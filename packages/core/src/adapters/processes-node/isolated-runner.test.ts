import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { IsolatedWork } from '../../ports/target.ts';
import { lives, newStateFolder, processesOf, recordedStart, until } from './fixtures/recorded-start.mjs';
import { isolatedRunner } from './isolated-runner.ts';

const stateFolder = newStateFolder();
const runner = isolatedRunner({ stateFolder, folder: stateFolder });
const module = new URL('./fixtures/isolated-functions.mjs', import.meta.url).href;
const work = (name: string, at = module): IsolatedWork => ({ kind: 'isolated', module: at, export: name });

describe('an isolated function', () => {
  it('is given its context and returns a value that is safe to store', async () => {
    const start = recordedStart({ slotMs: 1000, params: { day: '2026-11-20' } });
    const { executionId, targetId } = start;
    expect(await runner.start(work('returnsContext', fileURLToPath(module)), start).settled).toEqual({
      kind: 'returned',
      value: {
        executionId,
        targetId,
        fence: 7,
        slotMs: 1000,
        params: { day: '2026-11-20' },
        big: '10',
        when: '1970-01-01T00:00:00.000Z',
      },
    });
  });

  it('reports progress, log lines and what it prints', async () => {
    const start = recordedStart();
    expect(await runner.start(work('reports'), start).settled).toEqual({
      kind: 'returned',
      value: 'reported',
    });
    expect(start.output).toBe('첫 줄\nfrom console\n');
    expect(start.progress.at(-1)).toEqual({ done: 2, total: 2, unit: 'files', message: 'done' });
  });

  it('that throws is seen with name, message, code and place', async () => {
    const outcome = await runner.start(work('throwsLate'), recordedStart()).settled;
    expect(outcome).toMatchObject({ kind: 'threw', error: { name: 'TypeError', code: 'EXT-0201' } });
    const error = outcome.kind === 'threw' ? outcome.error : undefined;
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('TypeError: the broker said no');
    expect(error instanceof Error && error.stack).toContain('isolated-functions.mjs');
  });

  it.each([
    ['throwsText', 'just text'],
    ['throwsOutside', 'thrown in a callback'],
  ])('%s is a failure too', async (name, message) => {
    const outcome = await runner.start(work(name), recordedStart()).settled;
    expect(outcome).toMatchObject({ kind: 'threw', error: { message } });
  });

  it('that returns a huge value is cut, not refused', async () => {
    const outcome = await runner.start(work('returnsHuge'), recordedStart()).settled;
    expect(outcome.kind).toBe('returned');
    expect(JSON.stringify(outcome).length).toBeLessThan(1024 * 1024 + 100);
  });

  it.each([
    ['exits', { kind: 'exited', exitCode: 0, success: false }],
    ['crashes', { kind: 'signalled', signal: 'SIGSEGV' }],
  ])('%s before it returned: nobody knows what it did, so it failed', async (name, expected) => {
    expect(await runner.start(work(name), recordedStart()).settled).toMatchObject(expected);
  });

  it.each([
    [work('missing'), /export: "missing" of .* is undefined; allowed: .*returnsContext/],
    [work('notFunction'), /is number/],
    [work('x', '/no/such/module.mjs'), /module: "\/no\/such\/module.mjs" does not exist/],
    [work('x', './relative.mjs'), /module: ".\/relative.mjs"; allowed: an absolute path/],
  ])('that does not exist is not started', async (missing, message) => {
    const outcome = await runner.start(missing, recordedStart()).settled;
    expect(outcome).toMatchObject({
      kind: 'not-started',
      code: 'BAT-0403',
      message: expect.stringMatching(message),
    });
  });

  it('hears the reason of a stop through its signal', async () => {
    const start = recordedStart();
    const handle = runner.start(work('untilAborted'), start);
    await until(() => start.output.includes('waiting'));
    handle.requestStop(new Error('operator kim: wrong day'));
    expect(await handle.settled).toEqual({ kind: 'returned', value: 'operator kim: wrong day' });
  });

  it('that spins has shown its progress, ignores a stop and ends by kill', async () => {
    const start = recordedStart();
    const handle = runner.start(work('reportsAndSpins'), start);
    await until(() => start.progress.length > 0 && start.output !== '');
    handle.requestStop(new Error('in vain'));
    expect(handle.kill()).toBe(true);
    expect(await handle.settled).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
    expect(start.output).toBe('about to spin\n');
  });

  it('leaves no child, not even one with a session of its own', async () => {
    const start = recordedStart();
    expect(await runner.start(work('leavesChild'), start).settled).toMatchObject({ kind: 'returned' });
    expect(lives(Number(start.output))).toBe(false);
  });

  it('ends itself when its engine is killed', async () => {
    const executionId = randomUUID();
    const engine = spawn(process.execPath, [
      fileURLToPath(new URL('./fixtures/isolated-engine.mjs', import.meta.url)),
      stateFolder,
      executionId,
      'untilAborted',
    ]);
    await new Promise((resolve) => engine.stdout.once('data', resolve));
    expect(processesOf(executionId)).toHaveLength(1);
    engine.kill('SIGKILL');
    await until(() => processesOf(executionId).length === 0);
  });
});
