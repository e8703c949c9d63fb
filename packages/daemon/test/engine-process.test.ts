import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectSocket, type ExecutionDetail, type OpsClient, resolveSocket } from '@qts-ops/core/client';
import { describe, expect, it, vi } from 'vitest';
import { cliInProcess } from './cli-in-process.ts';
import { cli, startEngine, temporaryFolder } from './cli-process.ts';

const reason = 'because the test says so';
/** An engine tells this many of the newest skips of a target. */
const SKIPS_TOLD = 20;
const within = { timeout: 90_000, interval: 20 };

describe.concurrent('an engine that is killed in the middle of its work', () => {
  it('leaves no run open, no child alive, no slot unaccounted and nothing done twice', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'beat', on: { every: '100ms' }, run: () => undefined },
       { id: 'stamp', on: { every: '1s' }, run: { exec: ['sh', '-c', 'echo $QTS_EXECUTION_ID >> ran.txt; sleep 0.6'] } },
       { id: 'tree', on: 'demand', run: { exec: ['sh', '-c', 'sleep 300 & sleep 300 & wait'] } }`,
    );
    const first = await startEngine(home.path);
    await using before = connectTo(home.path);
    const { executionId = '' } = await before.trigger('tree', { reason });
    await vi.waitFor(async () => expect(processesOf(executionId).length).toBe(3), within);
    await vi.waitFor(async () => expect(await runsOf(before, 'beat')).toBeGreaterThan(5), within);
    await vi.waitFor(async () => expect(await running(before, 'stamp')).toBe(true), within);
    first.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');

    await using second = await startEngine(home.path);
    await using client = connectTo(home.path);
    expect(processesOf(executionId)).toEqual([]);
    expect(await client.execution(executionId)).toMatchObject({
      status: 'FAILED',
      errorCode: 'BAT-0301',
      outcomeKnown: false,
      transitions: [{ to: 'READY' }, { to: 'RUNNING' }, { to: 'FAILED', by: 'system:recovery' }],
    });
    expect((await client.snapshot()).targets.find(({ id }) => id === 'tree')?.running).toBeUndefined();
    const resumedAt = await runsOf(client, 'beat');
    await vi.waitFor(async () => expect(await runsOf(client, 'beat')).toBeGreaterThan(resumedAt + 5), within);
    await client.pause('stamp', { reason });
    await client.pause('beat', { reason });
    await vi.waitFor(
      async () => expect((await client.executions({ status: 'RUNNING' })).count).toBe(0),
      within,
    );
    await expectEverySlotOnce(client, 'beat', 100);
    const ran = readFileSync(join(home.path, 'ran.txt'), 'utf8').trim().split('\n');
    expect(new Set(ran).size).toBe(ran.length);
    second.kill('SIGTERM');
    expect((await second.ended).exitCode).toBe(0);
  });
});

describe.concurrent('an engine that is asked to end', () => {
  it('lets running work finish, starts nothing new and exits 0', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'slow', on: 'demand', run: { exec: ['sh', '-c', 'until [ -e go ]; do sleep 0.02; done; echo done'] } }`,
    );
    await using engine = await startEngine(home.path);
    await using client = connectTo(home.path);
    const { executionId = '' } = await client.trigger('slow', { reason });
    engine.kill('SIGTERM');
    await engine.logged('engine.draining');
    const waiting = await engine.logged('engine.waiting');
    expect(waiting).toMatchObject({ message: 'waiting for slow, 30 s at most' });
    expect((await client.snapshot()).engine.state).toBe('draining');
    const late = client.trigger('slow', { reason });
    await expect(late).rejects.toMatchObject({ code: 'BAT-0101' });
    const status = await cliInProcess(home.path, 'status');
    expect(status).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(/^WARN {2}desk LAB {2}draining, started /),
    });
    writeFileSync(join(home.path, 'go'), '');
    const { exitCode, err } = await engine.ended;
    expect(exitCode).toBe(0);
    expect(err.trim().split('\n').at(-1)).toContain('"event":"engine.ended"');
    await using again = await startEngine(home.path);
    expect(await executionOf(home.path, executionId)).toMatchObject({
      status: 'SUCCESS',
      outputTail: 'done\n',
    });
    again.kill('SIGINT');
    expect((await again.ended).exitCode).toBe(0);
  });

  it('names what waits, and ends running work at once at the second signal', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'stubborn', on: 'demand', pool: 'one', stopGrace: '60s', run: { exec: ['sh', '-c', 'trap "" TERM; echo up; sleep 300 & wait; sleep 300'] } },
       { id: 'queued', on: { every: '1s' }, pool: 'one', run: () => undefined }`,
      'pools: { one: 1 },',
    );
    await using engine = await startEngine(home.path);
    await using client = connectTo(home.path);
    const { executionId = '' } = await client.trigger('stubborn', { reason });
    await vi.waitFor(async () => expect((await client.output(executionId, 0)).text).toBe('up\n'), within);
    await vi.waitFor(async () => {
      expect((await cliInProcess(home.path, 'targets')).out).toMatch(/queued .* 1 run waits for pool one/);
    }, within);
    // What waits is stopped by the name of its target, too.
    expect((await cliInProcess(home.path, 'stop', 'queued', '--reason', reason)).exitCode).toBe(0);
    engine.kill('SIGTERM');
    await engine.logged('engine.draining');
    engine.kill('SIGTERM');
    expect((await engine.ended).exitCode).toBe(0);
    expect(processesOf(executionId)).toEqual([]);
    await using again = await startEngine(home.path);
    expect(await executionOf(home.path, executionId)).toMatchObject({ status: 'STOPPED' });
    again.kill('SIGTERM');
    await again.ended;
  });
});

describe.concurrent('a target that leaves a rejected promise behind', () => {
  it('is told in the log and ends nobody', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'stray', on: 'demand', run: () => { Promise.reject(new Error('left behind')); } },
       { id: 'good', on: 'demand', run: () => undefined }`,
    );
    await using engine = await startEngine(home.path);
    await using client = connectTo(home.path);
    await client.trigger('stray', { reason });
    expect(await engine.logged('engine.stray-rejection')).toMatchObject({
      error: expect.stringContaining('left behind'),
    });
    expect((await cliInProcess(home.path, 'trigger', 'good', '--reason', reason, '--wait')).exitCode).toBe(0);
  });
});

describe.concurrent('an engine whose loop stands still', () => {
  it('fails status, which names what the watchdog saw', async () => {
    using home = temporaryFolder();
    writeConfig(home.path, `{ id: 'a', on: 'demand', run: () => undefined }`);
    await using engine = await startEngine(home.path);
    engine.kill('SIGSTOP');
    const block = {
      pid: engine.pid,
      sinceMs: 0,
      running: 1,
      suspects: [{ executionId: 'x', targetId: 'spinner' }],
    };
    writeFileSync(join(home.path, '.qts-ops', 'loop-blocked.json'), JSON.stringify(block));
    const { exitCode, out, err } = await cliInProcess(home.path, 'status', '--timeout', '200ms');
    expect(exitCode).toBe(2);
    expect(out).toMatch(
      /^FAIL {2}no answer from an engine on .*\n {2}loop-blocked.json: .* running then: spinner\n$/,
    );
    expect(err).toMatch(/^EXT-0107: .* no answer within 200 ms\nremedy: /);
    // Every other command says with its exit code that no engine answers, not that it was called wrongly.
    const targets = await cliInProcess(home.path, 'targets');
    expect({ exitCode: targets.exitCode, out: targets.out }).toEqual({ exitCode: 3, out: '' });
    expect(targets.err).toContain('EXT-0107: ');
    engine.kill('SIGCONT');
    await vi.waitFor(async () => expect((await cliInProcess(home.path, 'status')).exitCode).toBe(0), within);
  });
});

describe.concurrent('a state folder', () => {
  it('belongs to one engine: a second one is refused and told which since when', async () => {
    using home = temporaryFolder();
    writeConfig(home.path, `{ id: 'a', on: 'demand', run: () => undefined }`);
    await using engine = await startEngine(home.path);
    const second = await cli(home.path, 'run');
    expect(second.exitCode).toBe(5);
    expect(second.err).toMatch(/^SYS-0110: .*/);
    expect(second.err).toContain(`pid ${engine.pid}`);
    expect(second.err).toMatch(/since 20\d\d-/);
    expect((await cliInProcess(home.path, 'status')).exitCode).toBe(0);
  });

  it('may have a path that is too long for a socket', async () => {
    using home = temporaryFolder();
    const deep = join(home.path, 'd'.repeat(80), 'e'.repeat(80));
    mkdirSync(deep, { recursive: true });
    writeConfig(deep, `{ id: 'a', on: 'demand', run: () => undefined }`);
    await using engine = await startEngine(deep);
    const started = await engine.logged('engine.started');
    const socket = typeof started['socket'] === 'string' ? started['socket'] : '';
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(100);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect((await cliInProcess(deep, 'status')).exitCode).toBe(0);
    engine.kill('SIGTERM');
    await engine.ended;
    expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is refused with every problem when the configuration cannot be used', async () => {
    using home = temporaryFolder();
    writeConfig(home.path, `{ id: 'a', on: { every: '1x' }, run: () => undefined, typo: 1 }`);
    const { exitCode, err } = await cliInProcess(home.path, 'run');
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^INP-0305: /);
    for (const place of ['targets[0].on', 'targets[0].typo']) expect(err).toContain(place);
  });
});

function writeConfig(folder: string, targets: string, more = ''): void {
  writeFileSync(
    join(folder, 'qts-ops.config.ts'),
    `export default { instance: 'desk', ${more} targets: [${targets}] };\n`,
  );
}

function connectTo(folder: string): OpsClient {
  return connectSocket({ socketPath: resolveSocket(join(folder, '.qts-ops')), operatorId: 'tester' });
}

async function executionOf(folder: string, id: string): Promise<ExecutionDetail> {
  await using client = connectTo(folder);
  return await client.execution(id);
}

async function runsOf(client: OpsClient, jobId: string): Promise<number> {
  return (await client.executions({ jobId, status: 'SUCCESS', limit: 1 })).count;
}

async function running(client: OpsClient, id: string): Promise<boolean> {
  return (await client.target(id)).running !== undefined;
}

/** Every slot between the first and the last is an execution or a recorded skip, and none is both or twice. */
async function expectEverySlotOnce(client: OpsClient, jobId: string, everyMs: number): Promise<void> {
  const { items } = await client.executions({ jobId, limit: 1000 });
  const { skips } = await client.target(jobId);
  // A slow machine skips more than an engine tells; then the account begins with the oldest skip it does tell.
  const sinceMs = skips.length < SKIPS_TOLD ? 0 : Math.min(...skips.map(({ fromMs }) => fromMs));
  const slots = items.flatMap(({ scheduledAtMs = 0 }) => (scheduledAtMs > sinceMs ? [scheduledAtMs] : []));
  const skipped = skips.flatMap(({ fromMs, toMs, count }) => {
    const inside = Array.from(
      { length: Math.round((toMs - fromMs) / everyMs) + 1 },
      (_, k) => fromMs + k * everyMs,
    );
    expect(inside).toHaveLength(count);
    return inside;
  });
  const all = [...slots, ...skipped].sort((a, b) => a - b);
  const start = all[0] ?? 0;
  expect(all).toEqual(all.map((_, index) => start + index * everyMs));
}

/** Processes that carry the id of an execution in their environment. */
function processesOf(executionId: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`QTS_EXECUTION_ID=${executionId}`))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
