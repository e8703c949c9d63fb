import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callOf, lookOnce, makeCheck, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { runningMsOf, runningProcess } from './process.ts';

describe.skipIf(process.platform !== 'linux')('a process (read from /proc, which only Linux has)', () => {
  it('is well while the process of its pid file runs, and not any more when it has ended', async () => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, 'desk.pid');
    using child = sleeper();
    writeFileSync(pidFile, `${child.pid}\n`);
    const check = await makeCheck(runningProcess({ pidFile }));
    expect(await check.check(callOf())).toMatchObject({
      status: 'pass',
      unit: 's',
      message: expect.stringMatching(new RegExp(`: process ${child.pid} \\(.+\\) is running for `)),
      observations: [{ id: 'start_tick', value: expect.any(Number) }],
    });
    await child.end();
    expect(await check.check(callOf())).toEqual({
      status: 'fail',
      message: `${pidFile}: process ${child.pid} is not running`,
    });
  });

  it('is not fooled by another process that was given the same number', async () => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, 'desk.pid');
    writeFileSync(pidFile, String(process.pid));
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(pidFile, yesterday, yesterday);
    expect(await lookOnce(runningProcess({ pidFile }))).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('it is another one'),
    });
  });

  it('fails without a pid file and says unknown when there is no pid in it', async () => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, 'desk.pid');
    expect((await lookOnce(runningProcess({ pidFile }))).status).toBe('fail');
    writeFileSync(pidFile, 'starting\n');
    expect(await lookOnce(runningProcess({ pidFile }))).toEqual({
      status: 'unknown',
      message: `${pidFile}: the pid file does not begin with a pid`,
    });
  });

  it('warns once when the process is another one than at the last look', async () => {
    using folder = temporaryFolder();
    const pidFile = join(folder.path, 'desk.pid');
    using first = sleeper();
    using second = sleeper();
    const check = await makeCheck(runningProcess({ pidFile, warnAfterRestart: true }));
    writeFileSync(pidFile, String(first.pid));
    expect((await check.check(callOf())).status).toBe('pass');
    writeFileSync(pidFile, String(second.pid));
    expect(await check.check(callOf())).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('began anew'),
    });
    expect((await check.check(callOf())).status).toBe('pass');
  });

  it('counts processes of a name', async () => {
    using _one = sleeper('qts-sleeper-one');
    const named = (bounds: object) => runningProcess({ name: 'qts-sleeper-one', ...bounds });
    expect(await lookOnce(named({}))).toMatchObject({
      status: 'pass',
      message: 'qts-sleeper-one: 1 running, allowed 1 or more',
    });
    expect((await lookOnce(named({ atLeast: 2 }))).status).toBe('fail');
    expect((await lookOnce(named({ atLeast: 0, atMost: 0 }))).status).toBe('fail');
  });
});

it('says nothing about an age where the uptime is that of a container', () => {
  expect(runningMsOf({ startTick: 5_000 }, 80)).toBe(30_000);
  expect(runningMsOf({ startTick: 8_050 }, 80)).toBe(0);
  expect(runningMsOf({ startTick: 5_000_000 }, 80)).toBeUndefined();
});

it('does not wait at a pid file that is a named pipe', async () => {
  using folder = temporaryFolder();
  const pidFile = join(folder.path, 'desk.pid');
  execFileSync('mkfifo', [pidFile]);
  expect(await lookOnce(runningProcess({ pidFile }))).toMatchObject({
    status: 'unknown',
    message: expect.stringContaining('is no ordinary file'),
  });
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => runningProcess({ pidFile: '', name: 'desk', atLeast: -1 }));
  expect(said).toContain('pidFile');
  expect(said).toContain('atLeast');
  expect(said).toContain('give exactly one of pidFile, name');
});

/** A program that sleeps under a name of its own. */
function sleeper(argv0 = 'qts-sleeper'): Disposable & { readonly pid: number; end(): Promise<void> } {
  const child: ChildProcess = spawn('/bin/sleep', ['60'], { argv0, stdio: 'ignore' });
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}
