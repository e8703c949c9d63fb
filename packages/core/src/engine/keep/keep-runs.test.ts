import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { nodeKeepFiles } from '../../adapters/files-node/keep-files.ts';
import { silentLogger } from '../../adapters/logger-json/json-logger.ts';
import type { OpsClient } from '../../client/ops-client.ts';
import { keep, onDemand, target } from '../config/define-config.ts';
import { createConfig } from '../config/load-config.ts';
import { createOps } from '../create-ops.ts';
import { readKeepState } from './keep-state.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-keep-'));
  mkdirSync(join(folder, 'data/raw'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('backs up, verifies, expires and drills as targets, each in a process of its own', {
  timeout: 240_000,
}, async () => {
  write('raw/old.jsonl', 20);
  write('raw/new.jsonl', 1);
  write('notes.txt', 400);
  const config = createConfig(
    {
      instance: 'keep',
      targets: ['backup', 'maintenance', 'verify', 'drill', 'optimize-database'].map((act) =>
        target(act, { on: onDemand(), run: keep(act as 'backup') }),
      ),
      backup: { to: './backups', sources: ['./data'], copyTo: './second' },
      retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }],
    },
    { folder },
  );
  await using ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  const run = (act: string) => runOf(client, act);
  expect(await run('backup')).toMatchObject({ status: 'SUCCESS' });
  const archive = readdirSync(join(folder, 'backups')).find((name) => name.endsWith('.tar.gz')) ?? '';
  const listed = execFileSync('tar', ['tzf', join(folder, 'backups', archive)], { encoding: 'utf8' });
  expect(listed.trim().split('\n').sort()).toEqual(
    ['.qts-ops/qts-ops.db', 'notes.txt', 'raw/new.jsonl', 'raw/old.jsonl'].sort(),
  );
  expect(await run('maintenance')).toMatchObject({ status: 'SUCCESS' });
  expect(readdirSync(join(folder, 'data/raw'))).toEqual(['new.jsonl']);
  expect(readFileSync(join(folder, 'state/logs/maintenance/cleanup.log'), 'utf8')).toContain(
    '[OK] cleanup deleted=1',
  );
  expect(await run('verify')).toMatchObject({ status: 'SUCCESS' });
  expect(await run('drill')).toMatchObject({
    status: 'SUCCESS',
    outputTail: expect.stringContaining('4 files'),
  });
  expect(await run('optimize-database')).toMatchObject({ status: 'SUCCESS' });
  const state = readKeepState(nodeKeepFiles(), join(folder, 'state'));
  expect(state?.backups.map(({ source, copy, state: worth }) => [source, copy, worth])).toEqual([
    ['data-expired', false, 'verified'],
    ['data', false, 'verified'],
    ['data-expired', true, 'verified'],
    ['data', true, 'verified'],
  ]);
  expect(state?.notes.map(({ act, code, standing }) => [act, code, standing])).toEqual([
    ['backup', 'BAT-0525', true],
    ['maintenance', 'BAT-0525', true],
  ]);
});

it('refuses an empty folder where the disk of the backups was, and makes nothing in it', {
  timeout: 240_000,
}, async () => {
  write('notes.txt', 1);
  const config = createConfig(
    {
      instance: 'keep',
      targets: [target('backup', { on: onDemand(), run: keep('backup') })],
      backup: { to: './backups', sources: ['./data'], database: false },
    },
    { folder },
  );
  await using ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  expect(await runOf(client, 'backup')).toMatchObject({ status: 'SUCCESS' });
  rmSync(join(folder, 'backups'), { recursive: true });
  mkdirSync(join(folder, 'backups'));
  expect(await runOf(client, 'backup')).toMatchObject({ status: 'FAILED', errorCode: 'BAT-0504' });
  const { items } = await client.alerts({ alertType: 'BACKUP_FAILED' });
  expect(items).toMatchObject([{ dedupKey: 'batch:backup:failed', count: 1 }]);
  expect(readdirSync(join(folder, 'backups'))).toEqual([]);
});

it('alerts with its own code when a backup does not come back', {
  timeout: 240_000,
}, async () => {
  write('raw/first.jsonl', 1);
  symlinkSync('/nowhere', join(folder, 'data/raw/link'));
  const config = createConfig(
    {
      instance: 'keep',
      targets: [
        target('backup', { on: onDemand(), run: keep('backup') }),
        target('drill', { on: onDemand(), run: keep('drill') }),
      ],
      backup: { to: './backups', sources: ['./data'], database: false },
    },
    { folder },
  );
  await using ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  expect(await runOf(client, 'backup')).toMatchObject({ status: 'SUCCESS' });
  expect((await client.backups()).notes).toEqual([]);
  const archive = readdirSync(join(folder, 'backups')).find((name) => name.endsWith('.tar.gz')) ?? '';
  const bytes = readFileSync(join(folder, 'backups', archive));
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  writeFileSync(join(folder, 'backups', archive), bytes);
  expect(await runOf(client, 'drill')).toMatchObject({ status: 'FAILED', errorCode: 'SYS-0186' });
  const { items } = await client.alerts({ alertType: 'BACKUP_FAILED' });
  expect(items).toMatchObject([{ dedupKey: 'batch:drill:failed', level: 'CRITICAL' }]);
  expect(await client.backups()).toMatchObject({
    backups: [{ state: 'broken' }],
    drills: [{ source: 'data', outcome: 'failed', kind: 'stream' }],
  });
});

it('warns of deleted files whose only copy is on the same disk until there is a second place', {
  timeout: 240_000,
}, async () => {
  write('raw/old.jsonl', 20);
  write('raw/new.jsonl', 1);
  const config = createConfig(
    {
      instance: 'keep',
      targets: [target('maintenance', { on: onDemand(), run: keep('maintenance') })],
      backup: { to: './backups', sources: ['./data'], database: false },
      retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }],
    },
    { folder },
  );
  await using ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  for (const outputTail of ['deleted 1', 'nothing_to_do']) {
    expect(await runOf(client, 'maintenance')).toMatchObject({
      status: 'SUCCESS',
      outputTail: expect.stringContaining(outputTail),
    });
    const { notes = [] } = readKeepState(nodeKeepFiles(), join(folder, 'state')) ?? {};
    expect(notes.map(({ code, standing }) => [code, standing])).toEqual([['BAT-0525', true]]);
  }
});

it('deletes nothing when the second place cannot take its copy', { timeout: 240_000 }, async () => {
  write('raw/old.jsonl', 20);
  write('raw/new.jsonl', 1);
  writeFileSync(join(folder, 'second'), 'a file where the folder should be');
  const config = createConfig(
    {
      instance: 'keep',
      targets: [target('maintenance', { on: onDemand(), run: keep('maintenance') })],
      backup: { to: './backups', copyTo: './second', sources: ['./data'], database: false },
      retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }],
    },
    { folder },
  );
  await using ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  expect(await runOf(client, 'maintenance')).toMatchObject({ status: 'FAILED', errorCode: 'BAT-0520' });
  expect(readdirSync(join(folder, 'data/raw')).sort()).toEqual(['new.jsonl', 'old.jsonl']);
});

it('copies complete files in near real time until it is asked to end', { timeout: 240_000 }, async () => {
  write('raw/first.jsonl', 1);
  const config = createConfig(
    {
      instance: 'keep',
      targets: [
        target('real-time', { on: onDemand(), run: keep('real-time'), timeout: '15m' }),
        target('backup', { on: onDemand(), run: keep('backup') }),
      ],
      backup: { to: './backups', sources: [{ path: './data', realTime: true }], database: false },
    },
    { folder },
  );
  await using ops = createOps({ config, stateFolder: join(folder, 'state'), logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  const reason = 'a test of keep runs';
  const { executionId = '' } = await client.trigger('real-time', { reason });
  const copies = () =>
    existsSync(join(folder, 'backups/realtime'))
      ? readdirSync(join(folder, 'backups/realtime'), { recursive: true, encoding: 'utf8' })
      : [];
  await expect.poll(copies).toContainEqual(expect.stringMatching(/raw\/first\.jsonl$/));
  write('raw/second.jsonl', 0);
  await expect.poll(copies).toContainEqual(expect.stringMatching(/raw\/second\.jsonl$/));
  await client.stop(executionId, { reason });
  await expect.poll(async () => (await client.execution(executionId)).status).toBe('STOPPED');
  expect(await runOf(client, 'backup')).toMatchObject({ status: 'SUCCESS' });
  expect(copies().filter((name) => name.endsWith('.jsonl'))).toEqual([]);
});

it('a killed run does not leave the list of the run before as if it were of now (BAT-0510)', {
  timeout: 240_000,
}, async () => {
  write('raw/first.jsonl', 1);
  const config = createConfig(
    {
      instance: 'keep',
      targets: [
        target('real-time', { on: onDemand(), run: keep('real-time'), timeout: '15m' }),
        target('backup', { on: onDemand(), run: keep('backup') }),
      ],
      backup: { to: './backups', sources: [{ path: './data', realTime: true }], database: false },
    },
    { folder },
  );
  const state = join(folder, 'state');
  await using ops = createOps({ config, stateFolder: state, logger: silentLogger });
  await ops.start();
  const client = ops.client({ operatorId: 'kim', method: 'library' });
  expect(await runOf(client, 'backup')).toMatchObject({ status: 'SUCCESS' });
  const { atMs = 0 } = await client.backups();
  write('raw/second.jsonl', 1);
  const { executionId = '' } = await client.trigger('real-time', { reason: 'a test of keep runs' });
  const realTime = join(folder, 'backups/realtime');
  await expect
    .poll(() => (existsSync(realTime) ? readdirSync(realTime).length : 0), { timeout: 240_000 })
    .toBeGreaterThan(1);
  // The process of the backup before may take a moment to be gone.
  await expect.poll(children, { timeout: 240_000 }).toHaveLength(1);
  for (const pid of children()) process.kill(pid, 'SIGKILL');
  await expect
    .poll(async () => (await client.execution(executionId)).status, { timeout: 240_000 })
    .toBe('FAILED');
  const { notes, atMs: shownMs } = await client.backups();
  expect(shownMs).toBe(atMs);
  expect(notes).toMatchObject([
    { code: 'BAT-0510', standing: true, message: expect.stringContaining(new Date(atMs).toISOString()) },
  ]);
  const open = async () =>
    (await client.alerts({ alertType: 'BACKUP_FAILED' })).items.filter(
      ({ errorCode, resolvedAtMs }) => errorCode === 'BAT-0510' && resolvedAtMs === undefined,
    );
  expect(await open()).toHaveLength(1);
  expect(await runOf(client, 'backup')).toMatchObject({ status: 'SUCCESS' });
  expect((await client.backups()).notes).toEqual([]);
  expect(await open()).toEqual([]);
});

async function runOf(client: OpsClient, act: string) {
  const { executionId = '' } = await client.trigger(act, { reason: 'a test of keep runs' });
  for (;;) {
    const execution = await client.execution(executionId);
    if (execution.endedAtMs !== undefined) return execution;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function write(path: string, ageDays: number): void {
  const file = join(folder, 'data', path);
  writeFileSync(file, `{"of":"${path}"}\n`);
  const at = Date.now() / 1000 - ageDays * 86_400;
  utimesSync(file, at, at);
}

/** The processes of keep runs that this one started; a process that ends meanwhile is none. */
function children(): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(parent) === process.pid;
    } catch {
      return false;
    }
  });
}
