import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';
import { holdHere, releaseHere } from './keep-desk-backup-holds.ts';

const RULES = [{ match: 'raw/**', keepDays: 7, quiet: 0 }];
const slow = { timeout: 240_000 };

describe('backups of what expired', () => {
  it('are verified again when their time has come, for they hold the only copy', slow, async () => {
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: ['data'] }, retention: RULES });
    rig.write('raw/old.jsonl', 20);
    rig.write('raw/new.jsonl', 1);
    await rig.run('maintenance');
    expect(rig.listed()).toEqual(['data-expired']);
    rig.pass(8);
    expect(await rig.run('verify')).toMatchObject({ status: 'completed', sources: [{ files: 1 }] });
    const archive = join(rig.folder, 'backups', archivesIn(rig, 'backups')[0] ?? '');
    const bytes = readFileSync(archive);
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(archive, bytes);
    await expect(rig.run('verify')).rejects.toMatchObject({ code: 'SYS-0104' });
    expect(rig.state()?.notes).toContainEqual(
      expect.objectContaining({ source: 'data', code: 'SYS-0104', standing: true }),
    );
  });
});

describe('the second place', () => {
  it('is pruned like the first, and keeps the last copy of what was deleted by itself', slow, async () => {
    const backup = { to: 'backups', copyTo: 'second', sources: ['data'], keep: { last: 2 } };
    using rig = new KeepDeskRig({ backup, retention: RULES });
    rig.write('raw/old.jsonl', 20);
    rig.write('notes.txt');
    await rig.run('maintenance');
    for (let day = 0; day < 4; day++) {
      rig.pass(1);
      await rig.run('backup');
      rig.write('raw/old.jsonl', 20, `day ${day}\n`);
      await rig.run('maintenance');
    }
    const sets = ['data', 'data', ...Array.from({ length: 5 }, () => 'data-expired')];
    expect(rig.listed().toSorted()).toEqual([...sets, ...sets.map((set) => `${set} copy`)].toSorted());
    const deleted = readFileSync(join(rig.folder, 'second/.qts-ops-deleted.jsonl'), 'utf8');
    expect(deleted).toContain(`"host":"${rig.services.host}"`);
    // The first disk is gone: the second alone still knows what it must keep.
    rmSync(join(rig.folder, 'backups'), { recursive: true });
    cpSync(join(rig.folder, 'second'), join(rig.folder, 'alone'), { recursive: true });
    rig.wish = { backup: { ...backup, to: 'alone', copyTo: undefined }, retention: RULES };
    rig.pass(1);
    await rig.run('backup');
    expect(rig.listed().filter((set) => set === 'data-expired')).toHaveLength(5);
  });

  it('keeps a backup that is under a hold, as the first does, until the hold ends', slow, async () => {
    const backup = { to: 'backups', copyTo: 'second', sources: ['data'], keep: { last: 2 } };
    using rig = new KeepDeskRig({ backup });
    rig.write('notes.txt');
    await rig.run('backup');
    const follow = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined };
    const hold = { choice: { id: 'latest' }, reason: 'the auditors', owner: 'kim' };
    const both = ['backups', 'second'].map((place) => ({ backupRoot: join(rig.folder, place) }));
    const { id, places } = await holdHere(rig.desk(), hold, follow);
    expect(places).toEqual(both);
    for (let count = 0; count < 3; count++) await rig.run('backup');
    expect(rig.listed()).toEqual(['data', 'data', 'data', 'data copy', 'data copy', 'data copy']);
    renameSync(join(rig.folder, 'second'), join(rig.folder, 'away'));
    const away = await releaseHere(rig.desk(), { id }, follow);
    expect(away).toMatchObject({
      released: true,
      places: [both[0], { problem: expect.stringContaining('disk') }],
    });
    renameSync(join(rig.folder, 'away'), join(rig.folder, 'second'));
    expect(await releaseHere(rig.desk(), { id }, follow)).toMatchObject({ released: true, places: both });
    await rig.run('backup');
    expect(rig.listed()).toEqual(['data', 'data', 'data copy', 'data copy']);
  });

  it('takes no deletion that it cannot put on record', slow, async () => {
    const backup = { to: 'backups', copyTo: 'second', sources: ['data'] };
    using rig = new KeepDeskRig({ backup, retention: RULES });
    rig.write('raw/old.jsonl', 20);
    rig.write('raw/older.jsonl', 30);
    const openAppend = rig.services.files.openAppend.bind(rig.services.files);
    rig.services.files.openAppend = (path, mode) => {
      if (path.includes('/second/')) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return openAppend(path, mode);
    };
    expect(await rig.run('maintenance')).toMatchObject({ status: 'partial', sources: [{ deletedFiles: 0 }] });
    expect(readdirSync(join(rig.folder, 'data/raw'))).toHaveLength(2);
  });

  it('inside the source is neither backed up nor expired', slow, async () => {
    const backup = { to: 'backups', copyTo: 'data/raw/second', drillRoot: 'data/drill', sources: ['data'] };
    using rig = new KeepDeskRig({ backup, retention: RULES });
    rig.write('notes.txt');
    rig.write('drill/left.txt', 1);
    await rig.run('backup');
    rig.pass(30);
    expect(await rig.run('backup')).toMatchObject({ sources: [{ files: 1 }] });
    const copies = archivesIn(rig, 'data/raw/second');
    expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 0 }] });
    rig.pass(1);
    await rig.run('maintenance');
    expect(archivesIn(rig, 'data/raw/second')).toEqual(expect.arrayContaining([...copies]));
  });
});

describe('pruning by a run', () => {
  it('leaves the backups alone that another desk makes in the same root', slow, async () => {
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: [{ id: 'other', path: 'data' }] } });
    rig.write('notes.txt');
    for (let count = 0; count < 3; count++) await rig.run('backup');
    rig.wish = { backup: { to: 'backups', sources: ['data'], keep: { last: 2 } } };
    for (let count = 0; count < 3; count++) await rig.run('backup');
    expect(rig.listed().toSorted()).toEqual(['data', 'data', 'other', 'other', 'other']);
  });

  it('tells that two machines write the same backups, as long as they do (BAT-0509)', slow, async () => {
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: ['data'], keep: { last: 2 } } });
    rig.write('notes.txt');
    for (const host of ['a', 'b', 'a', 'b', 'a', 'b']) {
      Object.assign(rig.services, { host });
      await rig.run('backup');
    }
    expect(rig.listed()).toHaveLength(4);
    expect(rig.state()?.notes).toMatchObject([
      { code: 'BAT-0509', standing: true, message: expect.stringMatching(/^a and b both write .* of data/) },
    ]);
  });

  it('shows what changed rules would prune, once, before it prunes', slow, async () => {
    const backup = { to: 'backups', sources: ['data'] };
    using rig = new KeepDeskRig({ backup: { ...backup, keep: { last: 100 } } });
    rig.write('notes.txt');
    for (let count = 0; count < 4; count++) await rig.run('backup');
    rig.wish = { backup: { ...backup, keep: { last: 2 } } };
    expect(await rig.run('backup')).toMatchObject({ sources: [{ prunedBackups: 0 }] });
    expect(rig.state()?.notes).toMatchObject([
      { code: 'BAT-0524', standing: false, message: expect.stringContaining('would prune 3 backups') },
    ]);
    expect(await rig.run('backup')).toMatchObject({ sources: [{ prunedBackups: 4 }] });
    expect(rig.listed()).toHaveLength(2);
  });

  it('takes nothing for one run when the clock jumped', slow, async () => {
    using rig = new KeepDeskRig({ backup: { to: 'backups', sources: ['data'], keep: { last: 2 } } });
    rig.write('notes.txt');
    for (let count = 0; count < 3; count++) await rig.run('backup');
    rig.pass(30);
    expect(await rig.run('backup')).toMatchObject({ sources: [{ prunedBackups: 0 }] });
    expect(rig.state()?.notes).toMatchObject([{ code: 'BAT-0523' }]);
    expect(await rig.run('backup')).toMatchObject({ sources: [{ prunedBackups: 2 }] });
  });

  it(
    'lets the last copy of a deleted file go only when its archive age has passed, and no hold names it',
    slow,
    async () => {
      const backup = { to: 'backups', sources: ['data'], keep: { last: 2 } };
      const retention = [
        { match: 'raw/**', keepDays: 7, quiet: 0, archiveDays: 30 },
        { match: '**', keepDays: 7, quiet: 0 },
      ];
      using rig = new KeepDeskRig({ backup, retention });
      const expireOne = async (path: string) => {
        rig.write(path, 20);
        await rig.run('maintenance');
      };
      await expireOne('raw/held.jsonl');
      await expireOne('books/one.jsonl');
      for (const name of ['a', 'b', 'c', 'd']) await expireOne(`raw/${name}.jsonl`);
      rig.write('notes.txt');
      const hold = {
        act: 'hold',
        id: 'h1',
        kind: 'legal',
        globs: ['raw/held.jsonl'],
        reason: 'r',
        owner: 'o',
        atMs: 0,
      };
      writeFileSync(join(rig.folder, 'state/maintenance/holds.jsonl'), `${JSON.stringify(hold)}\n`);
      const expired = () => rig.listed().filter((set) => set === 'data-expired').length;
      for (let day = 0; day < 30; day += 2) {
        await rig.run('backup');
        expect(expired()).toBe(6);
        rig.pass(2);
      }
      await rig.run('backup');
      // Two of the newest, what is held, and what no rule lets go.
      expect(expired()).toBe(4);
    },
  );
});

function archivesIn(rig: KeepDeskRig, place: string): readonly string[] {
  return readdirSync(join(rig.folder, place))
    .filter((name) => name.endsWith('.tar.gz'))
    .toSorted();
}
