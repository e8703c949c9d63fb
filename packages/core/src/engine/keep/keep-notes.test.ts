import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';
import { silentLogger } from '../../adapters/logger-json/json-logger.ts';
import { keep, onDemand, target } from '../config/define-config.ts';
import { createConfig } from '../config/load-config.ts';
import { createOps } from '../create-ops.ts';
import type { KeepNote } from './keep-state.ts';

const slow = { timeout: 240_000 };
const GIB = 2 ** 30;

it(
  'a backup that had to leave files out is a success with a standing alert, until none is left out (BAT-0507)',
  slow,
  async () => {
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: ['data'], database: false } });
    rig.write('notes.txt');
    // Nobody can name it, so nobody can read it: also not root, for whom rights do not count.
    const unnamed = Buffer.concat([Buffer.from(`${join(rig.folder, 'data')}/`), Buffer.from([0xff, 0x78])]);
    writeFileSync(unnamed, 'x');
    const config = createConfig(
      {
        instance: 'rig',
        targets: [target('backup', { on: onDemand(), run: keep('backup') })],
        backup: { to: './backups', sources: ['./data'], database: false },
      },
      { folder: rig.folder },
    );
    await using ops = createOps({ config, stateFolder: join(rig.folder, 'state'), logger: silentLogger });
    await ops.start();
    const client = ops.client({ operatorId: 'kim', method: 'library' });
    const run = async () => {
      const { executionId = '' } = await client.trigger('backup', { reason: 'a test of alerts' });
      const ended = async () => (await client.execution(executionId)).endedAtMs;
      await expect.poll(ended, { timeout: 30_000 }).toBeDefined();
      return client.execution(executionId);
    };
    expect(await run()).toMatchObject({
      status: 'SUCCESS',
      outputTail: expect.stringContaining('1 files left out: not-utf8'),
    });
    const opened = async () => (await client.alerts({ alertType: 'BACKUP_FAILED' })).items;
    expect((await client.backups()).notes).toMatchObject([
      { code: 'BAT-0507', standing: true, source: 'data' },
    ]);
    expect(await opened()).toMatchObject([
      { dedupKey: 'backup:data:BAT-0507', level: 'WARN', errorCode: 'BAT-0507' },
    ]);
    mkdirSync(join(rig.folder, 'aside'));
    renameSync(unnamed, join(rig.folder, 'aside/x'));
    expect(await run()).toMatchObject({ status: 'SUCCESS' });
    expect((await client.backups()).notes).toEqual([]);
    expect((await opened()).filter(({ resolvedAtMs }) => resolvedAtMs === undefined)).toEqual([]);
  },
);

it('an unreadable file is left out and said, also where it is the only one of many', slow, async () => {
  using rig = new KeepDeskRig({ backup: { to: 'backups', sources: ['data'] } });
  rig.write('notes.txt');
  rig.write('locked.txt');
  const openRead = rig.services.files.openRead.bind(rig.services.files);
  rig.services.files.openRead = (path) => {
    if (path.endsWith('/locked.txt')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    return openRead(path);
  };
  expect(await rig.run('backup')).toMatchObject({ status: 'partial', sources: [{ files: 1 }] });
  expect(rig.state()?.notes).toMatchObject([
    { code: 'BAT-0507', message: expect.stringContaining('unreadable') },
  ]);
  rig.services.files.openRead = openRead;
  expect(await rig.run('backup')).toMatchObject({ status: 'completed' });
  expect(rig.state()?.notes).toEqual([]);
});

it(
  'space that runs out is said before a backup fails for it, with the days until it is gone',
  slow,
  async () => {
    let freeBytes = 100 * GIB;
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: ['data'], reserve: '1GiB' } });
    rig.services.files.space = () => ({ freeBytes, totalBytes: 100 * GIB });
    rig.write('notes.txt');
    await rig.run('backup');
    expect(rig.state()?.notes).toEqual([]);
    const newest = rig.state()?.backups[0]?.bytes ?? 0;
    rig.pass(2);
    freeBytes = GIB + newest + 100_000;
    rig.services.files.space = () => ({ freeBytes, totalBytes: 100 * GIB });
    rig.write('notes.txt', 0, 'x'.repeat(10));
    await rig.run('verify');
    expect(notesOf(rig.state()?.notes)).toEqual([]);
    freeBytes = GIB + newest;
    await rig.run('verify');
    expect(rig.state()?.notes).toMatchObject([
      {
        ...{ act: 'space', source: 'backup-root', code: 'SYS-0140', standing: true },
        message: expect.stringMatching(
          /space is low in .*, full within a day at this rate; free space or prune/,
        ),
      },
    ]);
    freeBytes = 50 * GIB;
    await rig.run('verify');
    expect(rig.state()?.notes).toEqual([]);
  },
);

it('a full disk gives up the backups that no rule keeps, and the new one is made', slow, async () => {
  const backup = { to: 'backups', sources: ['data'], database: false, reserve: '1GiB' };
  using rig = new KeepDeskRig({ backup: { ...backup, keep: { last: 3 } } });
  rig.write('notes.txt');
  for (let count = 0; count < 3; count++) await rig.run('backup');
  rig.wish = { backup: { ...backup, keep: { last: 2 } } };
  const { files } = rig.services;
  const archives = () =>
    files.list(join(rig.folder, 'backups')).filter(({ name }) => name.endsWith('.tar.gz'));
  // Room comes with the removal of a backup.
  files.space = () => ({ freeBytes: archives().length > 2 ? 0 : 2 * GIB, totalBytes: 4 * GIB });
  await expect(rig.run('backup')).rejects.toMatchObject({ code: 'SYS-0140' });
  expect(rig.state()?.notes.map(({ code }) => code)).toContain('BAT-0524');
  expect(await rig.run('backup')).toMatchObject({ status: 'completed', sources: [{ prunedBackups: 2 }] });
  expect(archives()).toHaveLength(2);
});

it(
  'a quota takes nothing that must stay; it is a critical alert with the days until the disk is full',
  slow,
  async () => {
    const backup = {
      to: 'backups',
      sources: ['data'],
      database: false,
      keep: { last: 5, quota: '1MB' },
      codec: 'store',
    };
    let freeBytes = 10 * GIB;
    using rig = new KeepDeskRig({ backup });
    rig.services.files.space = () => ({ freeBytes, totalBytes: 100 * GIB });
    rig.write('big.bin', 0, 'x'.repeat(800_000));
    await rig.run('backup');
    expect(rig.state()?.notes).toEqual([]);
    rig.pass(1);
    freeBytes = 9 * GIB;
    await rig.run('backup');
    expect(rig.state()?.notes).toMatchObject([
      {
        ...{ code: 'BAT-0530', standing: true, source: 'data' },
        message: expect.stringMatching(
          /take 16\d{5} bytes, the quota is 1000000, the disk is full in about 9\.0 days/,
        ),
      },
    ]);
    rig.wish = { backup: { ...backup, keep: { last: 5, quota: '100MB' } } };
    await rig.run('backup');
    expect(rig.state()?.notes).toEqual([]);
  },
);

function notesOf(notes: readonly KeepNote[] | undefined): readonly string[] {
  return (notes ?? []).map(({ code }) => code);
}

it(
  'the digest of each manifest stands in the record of its run, outside of the backup root',
  slow,
  async () => {
    using rig = new KeepDeskRig({
      backup: { to: 'backups', sources: ['data'] },
      retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }],
    });
    rig.write('raw/old.jsonl', 20);
    for (const act of ['backup', 'maintenance'] as const) {
      const [source] = (await rig.run(act)).sources;
      const name = rig.services.files
        .list(join(rig.folder, 'backups'))
        .find((one) => one.name.endsWith(`${source?.backupId}.manifest.jsonl`))?.name;
      const lines = readFileSync(join(rig.folder, 'backups', name ?? ''), 'utf8')
        .trimEnd()
        .split('\n');
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ manifestSha256: source?.manifestSha256 });
      expect(rig.logged).toContain(`data: manifest of ${source?.backupId}: sha256 ${source?.manifestSha256}`);
    }
  },
);

it(
  'copies in near real time that keep failing are told as long as they do (BAT-0508), and stay told by other acts',
  slow,
  async () => {
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: [{ path: 'data', realTime: true }] } });
    rig.write('notes.txt', 1);
    let looks = 0;
    let mono = 0;
    const { clock } = rig.services;
    // Time passes by looking: ten minutes are over after as many looks as that takes.
    const sleep = async (delayMs: number) => {
      mono += delayMs;
      looks += 1;
    };
    // The system sets when a file was written, so the wall clock goes on with the looks as well.
    const now = () => clock.now() + mono;
    const watched = { ...rig.services, clock: { ...clock, now, mono: () => mono, sleep } };
    Object.assign(rig, { services: watched });
    rmSync(join(rig.folder, 'data'), { recursive: true });
    expect(await rig.run('real-time')).toMatchObject({ status: 'partial', sources: [{ files: 0 }] });
    expect(looks).toBeGreaterThan(500);
    const told = {
      ...{ act: 'real-time', source: 'data', code: 'BAT-0508', standing: true },
      message: expect.stringMatching(/new files of .*data are not copied since 20.*Z: BAT-0501/),
    };
    expect(rig.state()?.notes).toMatchObject([told]);
    expect(rig.logged.filter((line) => line.includes('BAT-0501'))).toHaveLength(1);
    mkdirSync(join(rig.folder, 'data'));
    rig.write('notes.txt', 1);
    await rig.run('backup');
    expect(rig.state()?.notes).toMatchObject([told]);
    expect(await rig.run('real-time')).toMatchObject({ status: 'completed', sources: [{ files: 1 }] });
    expect(rig.state()?.notes).toEqual([]);
  },
);
