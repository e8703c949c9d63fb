import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createConfig, createOps } from '@qts-ops/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveSocket } from '../src/api/serve-socket.ts';
import { clockCheck, zoneCheck } from '../src/cli/doctor/clock-checks.ts';
import { nodeCheck } from '../src/cli/doctor/engine-checks.ts';
import { inodeCheck, spaceCheck } from '../src/cli/doctor/state-checks.ts';
import { cliInProcess } from './cli-in-process.ts';

const config = `instance: desk
timeZone: America/New_York
targets:
  - { id: report, on: { cron: '0 17 * * 1-5' }, calendar: XKRX, run: { exec: ['true'] } }
`;

let folder = '';
let state = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'qts-ops-doctor-'));
  state = path.join(folder, '.qts-ops');
  writeFileSync(path.join(folder, 'qts-ops.config.yaml'), config);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Found {
  readonly id: string;
  readonly status: string;
  readonly text: string;
  readonly remedy?: string;
}

async function doctor(...args: readonly string[]) {
  const { exitCode, out } = await cliInProcess(folder, 'doctor', '--json', ...args);
  const { status, checks }: { status: string; checks: readonly Found[] } = JSON.parse(out);
  return { exitCode, status, of: (id: string) => checks.find((check) => check.id === id), checks };
}

describe('doctor', () => {
  it('finds nothing wrong where an engine could start, and leaves no trace', async () => {
    const { checks, exitCode } = await doctor();
    const ids = [
      'node',
      'config',
      'calendar',
      'clock',
      'time zones',
      'state folder',
      'disk',
      'store',
      'lock',
      'socket',
    ];
    expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    // What the machine of the test has to say about its clock and its disk is its own affair.
    const ours = checks.filter(({ id }) => !['clock', 'disk', 'inodes', 'calendar', 'alerts'].includes(id));
    expect(ours.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(checks.find(({ id }) => id === 'alerts')).toMatchObject({
      status: 'warn',
      text: 'no mail channel is configured; alerts go to the log only',
    });
    expect(exitCode).toBeLessThanOrEqual(2);
    expect(() => chmodSync(state, 0o700)).toThrow('ENOENT');
  });

  it('says every problem of the configuration, with a remedy', async () => {
    writeFileSync(path.join(folder, 'qts-ops.config.yaml'), config.replace('17', '77'));
    const { of, exitCode, status } = await doctor();
    expect(of('config')).toMatchObject({ status: 'fail', remedy: expect.stringContaining('Correct') });
    expect({ exitCode, status }).toEqual({ exitCode: 2, status: 'fail' });
    // For people each problem stands on lines of its own.
    const { out } = await cliInProcess(folder, 'doctor');
    expect(out).toMatch(
      /^fail {3}config .* has 1 problem:\n {2}targets\[0\]\S* .*\n {4}allowed: .*\n {4}remedy: /m,
    );
  });

  it('names what is wrong with a state folder', async () => {
    mkdirSync(state, { mode: 0o700 });
    chmodSync(state, 0o755);
    writeFileSync(path.join(state, 'qts-ops.db'), 'not a database, but long enough to be read as one');
    writeFileSync(
      path.join(state, 'loop-blocked.json'),
      JSON.stringify({ pid: 1, sinceMs: 0, suspects: [{ targetId: 'spinner' }], running: 1 }),
    );
    const { of } = await doctor();
    expect(of('state folder')).toMatchObject({ status: 'warn', remedy: `chmod 700 ${state}` });
    expect(of('store')).toMatchObject({ status: 'fail' });
    expect(of('event loop')).toMatchObject({ status: 'warn', text: expect.stringContaining('spinner') });
  });

  it('reads the store of a running engine and names who holds the folder; a socket without an answer is a failure', async () => {
    const targets = [{ id: 'quick', on: 'demand' as const, run: { exec: ['true'] } }];
    const ops = createOps({ stateFolder: state, config: createConfig({ instance: 'desk', targets }) });
    await ops.start();
    try {
      const { of } = await doctor();
      expect(of('store')).toMatchObject({
        status: 'ok',
        text: expect.stringMatching(/^schema (\d+) of \1, .*quick_check ok$/),
      });
      expect(of('lock')?.text).toContain(`held by pid ${process.pid} on `);
      // This engine has no daemon around it that would listen.
      expect(of('socket')).toMatchObject({ status: 'fail' });
    } finally {
      await ops.drain();
    }
    expect((await doctor()).of('lock')?.text).toBe('no engine holds the state folder');
  });

  it('names the first row of the audit log that was changed behind the back of the engine', async () => {
    const targets = [{ id: 'quick', on: 'demand' as const, run: { exec: ['true'] } }];
    const ops = createOps({ stateFolder: state, config: createConfig({ instance: 'desk', targets }) });
    await ops.start();
    const client = ops.client({ operatorId: 'tester', method: 'library' });
    await client.pause('quick', { reason: 'because the test says so' });
    await client.resume('quick', { reason: 'because the test says so' });
    await client.pause('quick', { reason: 'because the test says so' });
    // Also while the engine goes on.
    expect((await doctor()).of('audit log')).toMatchObject({
      status: 'ok',
      text: '3 rows, each continues the one before it',
    });
    await ops.drain();
    const raw = new DatabaseSync(path.join(state, 'qts-ops.db'));
    raw.exec('drop trigger ops_audit_log_update');
    raw.exec("update ops_audit_log set body = replace(body, 'because', 'although') where seq = 2");
    raw.close();
    const { of, exitCode } = await doctor();
    expect(exitCode).toBe(2);
    expect(of('store')).toMatchObject({ status: 'ok' });
    expect(of('audit log')).toMatchObject({
      status: 'fail',
      text: 'row 2: its body was changed after it was written (3 rows read)',
      remedy: expect.stringContaining('keep a copy'),
    });
  });

  it('tells a socket that was left behind from one that answers and from one where nobody does', async () => {
    const targets = [{ id: 'quick', on: 'demand' as const, run: { exec: ['true'] } }];
    const ops = createOps({ stateFolder: state, config: createConfig({ instance: 'desk', targets }) });
    await ops.start();
    const socket = path.join(state, 'qts-ops.sock');
    {
      await using _door = await serveSocket(ops, socket, { onFault: () => undefined });
      expect((await doctor()).of('socket')).toMatchObject({ status: 'ok', text: `${socket} answers` });
    }
    await ops.drain();
    // The system takes the connection; nobody reads what comes over it.
    const held: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (connection) => held.push(connection));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const silent = await doctor();
    expect(silent.exitCode).toBe(2);
    expect(silent.of('socket')).toMatchObject({
      status: 'fail',
      text: expect.stringMatching(/no answer within 5000 ms$/),
    });
    expect(silent.of('event loop')).toBeUndefined();
    for (const connection of held) connection.destroy();
    await new Promise((resolve) => server.close(resolve));
    writeFileSync(socket, '');
    expect((await doctor()).of('socket')).toMatchObject({ status: 'warn' });
  });
});

describe('what doctor judges', () => {
  const nowMs = Date.parse('2026-11-20T09:00:00Z');

  it('a clock that is far off or is being set', () => {
    expect(clockCheck({ nowMs, wallMs: 250, monoMs: 251 }).status).toBe('ok');
    expect(clockCheck({ nowMs, wallMs: 2250, monoMs: 250 })).toMatchObject({
      status: 'warn',
      text: expect.stringContaining('2000 ms'),
    });
    expect(clockCheck({ nowMs: 0, wallMs: 250, monoMs: 250 }).status).toBe('fail');
  });

  it('zone data that are years old, and which clock changes next', () => {
    const check = zoneCheck(['Asia/Seoul', 'America/New_York'], nowMs, { tz: '2026b', icu: '77.1' });
    expect(check).toMatchObject({
      status: 'ok',
      text: expect.stringContaining('next: 2027-03-14T03:00:00-04:00'),
    });
    expect(zoneCheck([], nowMs, { tz: '2023c' }).status).toBe('warn');
    expect(zoneCheck([], nowMs, {}).status).toBe('warn');
  });

  it('a disk that runs full, and an old Node.js', () => {
    expect([2e9, 5e8, 5e7].map((bytes) => spaceCheck(bytes).status)).toEqual(['ok', 'warn', 'fail']);
    expect([1e6, 5e3, 10].map((count) => inodeCheck(count).status)).toEqual(['ok', 'warn', 'fail']);
    expect(['24.15.0', '25.0.0', '24.14.9', '22.20.0'].map((v) => nodeCheck(v).status)).toEqual([
      'ok',
      'ok',
      'fail',
      'fail',
    ]);
  });
});
