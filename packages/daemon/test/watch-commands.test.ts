import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfig, createOps, type Ops, silentLogger, socketPathOf } from '@qts-ops/core';
import {
  type CheckFinding,
  defineAlertChannel,
  defineHealthCheck,
  type PluginContext,
  type SendResult,
} from '@qts-ops/core/plugin';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type SocketServer, serveSocket } from '../src/api/serve-socket.ts';
import { cliInProcess } from './cli-in-process.ts';

const reason = ['--reason', 'because the test says so'] as const;
const options = z.strictObject({ lit: z.boolean().default(true) });
let home: string;
let ops: Ops;
let server: SocketServer;
let finding: CheckFinding;
let result: SendResult;
let context: PluginContext | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'qts-ops-watch-cli-'));
  finding = { status: 'pass', message: 'all is well' };
  result = { status: 'sent' };
  const lamp = defineHealthCheck({
    name: 'lamp',
    apiVersion: 1,
    options,
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 60_000, timeoutMs: 1000 },
    pingKeys: () => ['nightly', 'wrapped'],
    create: (_options, made) => {
      context = made;
      return { check: async () => finding };
    },
  });
  const mail = defineAlertChannel({
    name: 'email',
    apiVersion: 1,
    options,
    capabilities: { formats: ['text'], rate: { perSecond: 100, burst: 100 } },
    create: () => ({ send: async () => result }),
  });
  const config = createConfig({
    instance: 'desk',
    targets: [{ id: 'quick', on: 'demand', run: () => undefined }],
    plugins: [mail({ id: 'mail' }), lamp({ id: 'broker', critical: true })],
  });
  const stateFolder = join(home, '.qts-ops');
  ops = createOps({ config, stateFolder, logger: silentLogger });
  await ops.start();
  server = await serveSocket(ops, socketPathOf(stateFolder), {
    onFault: (error) => void Promise.reject(error),
  });
  writeFileSync(join(home, 'qts-ops.config.ts'), 'export default {};\n');
  await cli('health', 'run', 'broker');
});

afterEach(async () => {
  await ops.abort();
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const cli = (...args: readonly string[]) => cliInProcess(home, ...args);

async function brokerFails(): Promise<void> {
  finding = { status: 'fail', message: 'the broker is silent' };
  expect(await cli('health', 'run', 'broker')).toMatchObject({ exitCode: 2 });
}

/** The newest row of a kind in the audit log. */
async function lastAct(type: string): Promise<{ readonly seq: number; readonly targetId: string }> {
  const { items } = JSON.parse((await cli('audit', '--type', type, '--json')).out);
  return items[0];
}

describe('alerts', () => {
  it('lists what is open, by key shows it with its remedy and notices, and takes and closes it', async () => {
    expect(await cli('alerts')).toMatchObject({ exitCode: 0, out: 'no alert is open\n' });
    await brokerFails();
    expect((await cli('alerts')).out).toMatch(
      /^LEVEL .*\nCRITICAL {2}firing .* check:broker .* the broker is silent/,
    );
    await vi.waitFor(async () => {
      const { out } = await cli('alerts', 'show', 'check:broker');
      expect(out).toMatch(/^CRITICAL firing {2}\[HEALTH_CHECK\] broker\n/);
      expect(out).toContain('remedy: ');
      expect(out).toMatch(/ mail {2}first {2}sent at [\d:]+, 1 attempts/);
    });
    const taken = await cli('alerts', 'ack', 'check:broker', ...reason, '--for', '2h');
    const act = await lastAct('ALERT_ACKNOWLEDGE');
    expect(taken).toMatchObject({ exitCode: 0, out: `${act.targetId}: taken (audit ${act.seq})\n` });
    expect(taken.out).toMatch(/^[0-9a-f-]{36}: /);
    expect((await cli('alerts', 'list')).out).toContain('taken by tester');
    expect(await cli('alerts', 'ack', 'check:broker', ...reason)).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/^BAT-0601: /),
    });
    expect((await cli('alerts', 'unack', 'check:broker', ...reason)).exitCode).toBe(0);
    expect((await lastAct('ALERT_UNACKNOWLEDGE')).targetId).toBe(act.targetId);
    expect((await cli('alerts', 'close', 'check:broker', ...reason)).exitCode).toBe(0);
    expect((await cli('alerts', 'list')).out).toBe('no alert is open\n');
    const all = JSON.parse((await cli('alerts', 'list', '--all', '--level', 'CRITICAL', '--json')).out);
    expect(all).toMatchObject({ count: 1, items: [{ dedupKey: 'check:broker', state: 'resolved' }] });
  });

  it.each([
    [['show', 'check:nobody'], 2, 'INP-0920'],
    [['ack', 'check:broker', '--reason', 'short'], 2, 'INP-0920'],
    [['ack', 'x', ...reason, '--for', 'long'], 2, 'INP-0920'],
    [['silence', 'broker', '--for', '1h', ...reason], 2, 'INP-0921'],
    [['silence', 'check=broker', '--for', 'ever', ...reason], 2, 'INP-0313'],
    [['test', '--channel', 'nobody'], 2, 'INP-0925'],
    [['list', '--level', 'LOUD'], 2, 'INP-0313'],
    [['nothing'], 2, 'INP-0313'],
  ])('refuses alerts %j with code %i', async (words, exitCode, code) => {
    const { err, exitCode: seen } = await cli('alerts', ...words);
    expect({ err, seen }).toEqual({ err: expect.stringMatching(new RegExp(`^${code}: `)), seen: exitCode });
    expect(err).toContain('remedy: ');
  });

  it('makes, lists and ends a silence', async () => {
    const made = JSON.parse(
      (await cli('alerts', 'silence', 'check=broker', '--for', '2h', ...reason, '--json')).out,
    );
    expect((await cli('alerts', 'silences')).out).toMatch(/active .* check=broker .* tester/);
    await brokerFails();
    expect((await cli('alerts')).out).toContain('firing (untold)');
    const ended = await cli('alerts', 'expire', made.silenceId, ...reason);
    const end = await lastAct('ALERT_SILENCE_END');
    expect(end.targetId).toBe(made.silenceId);
    expect(ended).toMatchObject({
      exitCode: 0,
      out: `silence ${made.silenceId} ended (audit ${end.seq})\n`,
    });
    expect((await cli('alerts', 'silences')).out).toBe('no silence is active\n');
    const again = await cli('alerts', 'silence', 'check=broker', '--for', '1h', ...reason);
    const { seq, targetId } = await lastAct('ALERT_SILENCE');
    expect(again.out).toBe(`silence ${targetId} made (audit ${seq}); it fits 1 of 1 open alerts now\n`);
    expect(seq).toBeGreaterThan(made.auditSeq);
  });

  it('says which open alerts a silence would fit before it is made', async () => {
    const wish = ['alerts', 'silence', '--for', '2h', ...reason, '--dry-run'] as const;
    await brokerFails();
    const silences = (await cli('alerts', 'silences')).out;
    const broker = await cli(...wish, 'check=broker');
    expect(broker.out).toMatch(/check:broker[\s\S]*nothing was made; it would fit 1 of 1 open alerts\n$/);
    expect((await cli(...wish, 'check=other')).out).toBe(
      'nothing was made; it would fit 0 of 1 open alerts\n',
    );
    expect(JSON.parse((await cli(...wish, 'check=broker', '--json')).out)).toMatchObject({ count: 1 });
    expect(await cli(...wish, 'level=*')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('INP-0921'),
    });
    expect((await cli('alerts', 'silences')).out).toBe(silences);
  });

  it('tests a channel: prints what became of it and says so with its exit code', async () => {
    const good = await cli('alerts', 'test', '--channel', 'mail');
    expect(good).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^delivered: mail took .* \(1 attempt, \d+ ms\)\n$/),
    });
    result = { status: 'rejected', scope: 'recipient', reason: 'no such person' };
    const bad = await cli('alerts', 'test', '--channel', 'mail', '--level', 'WARN');
    expect(bad).toMatchObject({ exitCode: 1, out: expect.stringContaining('not delivered: mail refused') });
    expect(bad.out).toContain('no such person');
    expect((await cli('alerts', 'channels')).out).toMatch(/ mail {2}.*email/);
    const desk = { instance: 'dry-desk', targets: [{ id: 'a', on: 'demand', run: { exec: ['true'] } }] };
    writeFileSync(join(home, 'dry.json'), JSON.stringify(desk));
    const dry = ['alerts', 'test', '--dry-run', '--config', 'dry.json', '--channel'] as const;
    const shown = await cli(...dry, 'log');
    expect(shown.exitCode).toBe(0);
    expect(shown.out).toMatch(
      /^log \(log\) would be given.*:\n\n\[TEST\]\[CRITICAL\][\s\S]*dry-desk[\s\S]*\nnothing was sent\n$/,
    );
    expect(await cli(...dry, 'fax')).toMatchObject({ exitCode: 2, err: expect.stringContaining('INP-0925') });
  });
});

describe('health', () => {
  it('says of a check that cannot look for how long it has had no data and when it last had', async () => {
    expect((await cli('health', 'explain', 'broker')).out).not.toContain('no data');
    finding = { status: 'unknown', message: 'no credentials' };
    for (let look = 0; look < 3; look++) await cli('health', 'run', 'broker');
    expect((await cli('health')).out).toMatch(/\nunknown +broker .* no data for \S+( m?s)? no credentials\n/);
    const explained = (await cli('health', 'explain', 'broker')).out;
    expect(explained).toMatch(/\n {2}no data for .*, last at \d\d:\d\d:\d\d\n/);
  });

  it('lists checks with an exit code for monitoring, explains one and looks again', async () => {
    await brokerFails();
    const list = await cli('health');
    expect(list.exitCode).toBe(2);
    expect(list.out).toMatch(/^FAIL {2}\d+ checks\nSTATE .*\nfail +broker .*the broker is silent/);
    const why = await cli('health', 'explain', 'broker');
    expect(why).toMatchObject({
      exitCode: 2,
      out: expect.stringMatching(/^FAIL {2}broker {2}\(lamp, critical\)\n/),
    });
    expect(why.out).toContain('alert CRITICAL is open: qts-ops alerts show check:broker');
    expect(await cli('health', 'explain', 'nobody')).toMatchObject({ exitCode: 3 });
    const own = await cli('health', 'run', 'self-store');
    expect(own).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/pass +self-store .*written within/),
    });
    const json = JSON.parse((await cli('health', 'list', '--bad', '--json')).out);
    expect(json.checks.map((check: { id: string }) => check.id)).toContain('broker');
  });

  it('says to a container that the engine works, whatever its checks find, and when none answers', async () => {
    await brokerFails();
    expect(await cli('healthcheck', '--max-age', '10m')).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^ok: the newest look of a check is \d+ s old\n$/),
    });
    expect(await cli('healthcheck', '--state', join(home, 'other'))).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(/^fail: /),
    });
    expect(await cli('healthcheck', '--max-age', 'soon')).toMatchObject({ exitCode: 1 });
    expect(await cli('healthcheck', '--nonsense')).toMatchObject({ exitCode: 1 });
  });
});

describe('heartbeat', () => {
  it('fails for a key that no check waits for, and names those there are; a key that is asked for becomes one', async () => {
    const wrong = await cli('heartbeat', 'nightli');
    expect({ exitCode: wrong.exitCode, out: wrong.out }).toEqual({ exitCode: 2, out: '' });
    expect(wrong.err).toMatch(
      /^INP-0942: key: 'nightli': no check waits for it; allowed: nightly, wrapped\nremedy: /,
    );
    const wrapped = await cli('heartbeat', 'nightli', '--', 'sh', '-c', 'exit 7');
    expect(wrapped).toMatchObject({ exitCode: 7, err: expect.stringContaining('INP-0942') });
    expect(context?.lastPing?.('nightli')).toBeUndefined();
    expect((await cli('heartbeat', 'nightli')).exitCode).toBe(0);
  });

  it('tells the engine of a start, an end and a failure', async () => {
    expect(await cli('heartbeat', 'nightly', '--start')).toMatchObject({ exitCode: 0, out: '', err: '' });
    expect(context?.lastPing?.('nightly')?.startedAtMs).toBeGreaterThan(0);
    expect((await cli('heartbeat', 'nightly')).exitCode).toBe(0);
    expect(context?.lastPing?.('nightly')).toMatchObject({ outcome: 'success', exitCode: 0 });
    expect((await cli('heartbeat', 'nightly', '--exit', '3')).exitCode).toBe(0);
    expect(context?.lastPing?.('nightly')).toMatchObject({ outcome: 'fail', exitCode: 3 });
    expect((await cli('heartbeat', 'nightly', '--start', '--fail')).exitCode).toBe(2);
    expect((await cli('heartbeat', 'no/slash')).exitCode).toBe(2);
  });

  it('runs a program, gives its output and exit code on, and tells of both', async () => {
    const script = 'echo one; echo two >&2; exit 7';
    const end = await cli('heartbeat', 'wrapped', '--', 'sh', '-c', script);
    expect(end).toEqual({ exitCode: 7, out: 'one\n', err: 'two\n' });
    expect(context?.lastPing?.('wrapped')).toMatchObject({ outcome: 'fail', exitCode: 7 });
    expect((await cli('heartbeat', 'wrapped', '--', 'true')).exitCode).toBe(0);
    expect(context?.lastPing?.('wrapped')).toMatchObject({ outcome: 'success' });
    expect((await cli('heartbeat', 'wrapped', '--', './not-there')).exitCode).toBe(127);
  });

  it('runs the program all the same when no engine answers', async () => {
    const end = await cli(
      'heartbeat',
      'alone',
      '--state',
      join(home, 'other'),
      '--',
      'echo',
      'done',
      '--all',
    );
    expect(end).toMatchObject({
      exitCode: 0,
      out: 'done --all\n',
      err: expect.stringMatching(
        /^EXT-0105: .*\nremedy: Start the engine with: qts-ops run --state \S+\/other, or name/,
      ),
    });
  });
});

it('without an engine every command names the remedy, with the folder that was asked for', async () => {
  const other = ['--state', join(home, 'other desk')];
  for (const words of [
    ['alerts'],
    ['alerts', 'test', '--channel', 'mail'],
    ['heartbeat', 'nightly'],
    ['status'],
  ]) {
    const { exitCode, err } = await cli(...words, ...other);
    expect({ exitCode, err }, words.join(' ')).toEqual({
      exitCode: 3,
      err: expect.stringMatching(/remedy: Start the engine with: qts-ops run --state '\S+\/other desk', or/),
    });
  }
  expect(await cli('health', `--state=${join(home, 'other')}`)).toMatchObject({
    exitCode: 3,
    err: expect.stringMatching(/qts-ops run --state \S+\/other, or/),
  });
});

it('doctor shows how the channels of a running engine are doing', async () => {
  result = { status: 'retry', reason: 'the mail server is away' };
  await cli('alerts', 'test', '--channel', 'mail');
  const { out } = await cli('doctor', '--json');
  const channels = JSON.parse(out).checks.filter(({ id }: { id: string }) => id === 'channel');
  expect(channels).toMatchObject([
    { status: 'ok', text: expect.stringMatching(/^log \(log\): ok, /) },
    {
      status: 'warn',
      text: expect.stringMatching(/^mail \(email\): failing, 1 waiting, .*the mail server is away$/),
    },
  ]);
});
