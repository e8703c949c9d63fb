import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { cli, temporaryFolder } from './cli-process.ts';

const within = { timeout: 90_000, interval: 20 };
const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A process that starts an engine over a channel and then does nothing. */
const PARENT = `
  const { spawn } = require('node:child_process');
  const { openSync } = require('node:fs');
  const log = openSync('engine.log', 'a');
  const child = spawn(process.execPath, [...process.execArgv.slice(0, 1), ${JSON.stringify(program)}, 'run', ...process.argv.slice(1)], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  console.log(child.pid);
  setInterval(() => {}, 1000);
`;

async function startParent(cwd: string, ...args: readonly string[]) {
  const { QTS_OPS_STATE: _state, ...env } = process.env;
  const nodeArguments = ['--conditions=@qts-ops/source', '-e', PARENT, '--', ...args];
  const parent = spawn(process.execPath, nodeArguments, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const enginePid = await new Promise<number>((resolve) => {
    parent.stdout.once('data', (data) => resolve(Number(String(data))));
  });
  const log = join(cwd, 'engine.log');
  const logged = (event: string) => readFileSync(log, 'utf8').includes(`"event":"${event}"`);
  await vi.waitFor(() => expect(logged('engine.started')).toBe(true), within);
  return { parent, enginePid, logged };
}

function isAlive(pid: number): boolean {
  // A process that has ended but was not waited for is a zombie: it does nothing any more.
  const stat = `/proc/${pid}/stat`;
  if (existsSync('/proc/self/stat')) return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function writeConfig(folder: string, targets: string): void {
  writeFileSync(
    join(folder, 'qts-ops.config.ts'),
    `export default { instance: 'desk', environment: 'LAB', targets: [${targets}] };`,
  );
}

describe.skipIf(process.platform === 'win32')('an engine that ends with its parent', () => {
  it('drains when the parent is killed: running work finishes first', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'slow', on: 'demand', run: { exec: ['sh', '-c', 'until [ -e go ]; do sleep 0.02; done; echo done > ran'] } }`,
    );
    const { parent, enginePid, logged } = await startParent(home.path, '--end-with-parent');
    await cli(home.path, 'trigger', 'slow', '--reason', 'because the test says so');
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(logged('engine.draining')).toBe(true), within);
    expect(isAlive(enginePid)).toBe(true);
    writeFileSync(join(home.path, 'go'), '');
    await vi.waitFor(() => expect(isAlive(enginePid)).toBe(false), within);
    expect(logged('engine.ended')).toBe(true);
    expect(readFileSync(join(home.path, 'ran'), 'utf8')).toBe('done\n');
  });

  it('goes on without its parent when it was not asked to end with it', async () => {
    using home = temporaryFolder();
    writeConfig(home.path, `{ id: 'a', on: 'demand', run: () => undefined }`);
    const { parent, enginePid, logged } = await startParent(home.path);
    const gone = new Promise((resolve) => parent.once('exit', resolve));
    parent.kill('SIGKILL');
    await gone;
    const triggered = await cli(home.path, 'trigger', 'a', '--wait', '--reason', 'because the test says so');
    expect(triggered.exitCode).toBe(0);
    expect(logged('engine.draining')).toBe(false);
    process.kill(enginePid, 'SIGTERM');
    await vi.waitFor(() => expect(isAlive(enginePid)).toBe(false), within);
  });

  it('starts nothing when there is no parent that it is connected to', async () => {
    using home = temporaryFolder();
    writeConfig(home.path, `{ id: 'a', on: 'demand', run: () => undefined }`);
    const { exitCode, err } = await cli(home.path, 'run', '--end-with-parent');
    expect(err).toContain('the program that started it is gone');
    expect(exitCode).toBe(1);
    expect(err).not.toContain('"event":"engine.started"');
  });

  it('is not offered to people', async () => {
    using home = temporaryFolder();
    expect((await cli(home.path, 'run', '--help')).out).not.toContain('end-with-parent');
  });
});
