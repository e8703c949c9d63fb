import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';

const slow = { timeout: 240_000 };
const RULES = [{ match: 'raw/**', keepDays: 7, quiet: 0 }];

function deskRig(backup: Readonly<Record<string, unknown>> = {}): KeepDeskRig {
  return new KeepDeskRig({
    backup: { to: 'backups', sources: ['data'], database: false, ...backup },
    retention: RULES,
  });
}

/** Every file of the newest archive of a set with its content, as an ordinary tar reads it. */
function inArchive(rig: KeepDeskRig, place = 'backups'): ReadonlyMap<string, string> {
  const folder = join(rig.folder, place);
  const archive = readdirSync(folder).findLast((name) => name.endsWith('.tar.gz')) ?? '';
  const out = join(rig.folder, 'by-tar');
  mkdirSync(out);
  execFileSync('tar', ['xzf', join(folder, archive), '-C', out]);
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(out, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(out, name), 'utf8')]));
}

describe('names that lead to the same place', () => {
  it('a source and a backup root that are links are followed once, to what they are', slow, async () => {
    using rig = deskRig({ to: 'links/backups', sources: [{ id: 'data', path: 'links/data' }] });
    for (const name of ['links', 'disk']) mkdirSync(join(rig.folder, name));
    for (const name of ['data', 'disk']) symlinkSync(join(rig.folder, name), join(rig.folder, 'links', name));
    symlinkSync(join(rig.folder, 'disk'), join(rig.folder, 'links/backups'));
    rig.write('raw/old.jsonl', 20);
    expect(await rig.run('maintenance')).toMatchObject({
      status: 'completed',
      sources: [{ deletedFiles: 1 }],
    });
    expect(inArchive(rig, 'disk').get('raw/old.jsonl')).toBe('content of raw/old.jsonl\n');
  });

  it('a backup root that is a link into the source is neither backed up nor expired', slow, async () => {
    using rig = deskRig({ to: 'link' });
    rig.write('raw/old.jsonl', 20);
    mkdirSync(join(rig.folder, 'data/raw/kept'));
    symlinkSync(join(rig.folder, 'data/raw/kept'), join(rig.folder, 'link'));
    await rig.run('backup');
    const before = readdirSync(join(rig.folder, 'data/raw/kept'));
    rig.pass(30);
    for (let run = 0; run < 2; run++) await rig.run('maintenance');
    expect(existsSync(join(rig.folder, 'data/raw/old.jsonl'))).toBe(false);
    expect(readdirSync(join(rig.folder, 'data/raw/kept'))).toEqual(expect.arrayContaining(before));
  });

  it('a source that is the backup root by another name is refused (INP-0801)', slow, async () => {
    using rig = deskRig();
    rig.write('raw/old.jsonl', 20);
    symlinkSync(join(rig.folder, 'data'), join(rig.folder, 'backups'));
    for (const act of ['backup', 'maintenance'] as const)
      await expect(rig.run(act)).rejects.toMatchObject({ code: 'INP-0801' });
    expect(existsSync(join(rig.folder, 'data/raw/old.jsonl'))).toBe(true);
  });

  it(
    'a root of another desk in the place of ours takes no backup and lets nothing go (BAT-0504)',
    slow,
    async () => {
      using rig = deskRig();
      using other = deskRig();
      for (const one of [rig, other]) {
        one.write('notes.txt');
        await one.run('backup');
      }
      rig.write('raw/old.jsonl', 20);
      renameSync(join(rig.folder, 'backups'), join(rig.folder, 'aside'));
      renameSync(join(other.folder, 'backups'), join(rig.folder, 'backups'));
      const before = readdirSync(join(rig.folder, 'backups'));
      await expect(rig.run('backup')).rejects.toMatchObject({ code: 'BAT-0504' });
      await expect(rig.run('maintenance')).rejects.toThrow(/BAT-0504/);
      expect(existsSync(join(rig.folder, 'data/raw/old.jsonl'))).toBe(true);
      expect(readdirSync(join(rig.folder, 'backups'))).toEqual(before);
    },
  );
});

describe('names that look alike or are very long', () => {
  it('twins in composed and decomposed form and in another case are files of their own', slow, async () => {
    using rig = deskRig();
    const twins = ['raw/caf\u00e9', 'raw/cafe\u0301', 'raw/A.jsonl', 'raw/a.jsonl'];
    for (const path of twins) rig.write(path, 20, `only ${Buffer.from(path).toString('hex')}`);
    expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 4 }] });
    const inside = inArchive(rig);
    for (const path of twins) expect(inside.get(path)).toBe(`only ${Buffer.from(path).toString('hex')}`);
  });

  it('a name of 255 bytes is kept and expires like any other', slow, async () => {
    using rig = deskRig();
    const long = `raw/${'가'.repeat(85)}`;
    rig.write(long, 20);
    expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 1 }] });
    expect(inArchive(rig).get(long)).toBe(`content of ${long}\n`);
  });

  it('a path beyond what the system takes fails the backup instead of missing files', slow, async () => {
    using rig = deskRig();
    rig.write('raw/old.jsonl', 20);
    const step = 'd'.repeat(200);
    const deeper = `for i in $(seq 25); do mkdir ${step} && cd ${step}; done; echo deep > file`;
    execFileSync('bash', ['-ec', deeper], { cwd: join(rig.folder, 'data') });
    await expect(rig.run('backup')).rejects.toMatchObject({ code: expect.stringMatching(/^BAT-0503$/) });
    await expect(rig.run('maintenance')).rejects.toMatchObject({ code: 'SYS-0160' });
    expect(existsSync(join(rig.folder, 'data/raw/old.jsonl'))).toBe(true);
    execFileSync('rm', ['-rf', join(rig.folder, 'data')]);
  });
});

describe('facts that lie', () => {
  it(
    'a file that is a link to a copy in the backup root stays, and is copied anew: a link is never a copy',
    slow,
    async () => {
      using rig = deskRig({ strategy: 'file' });
      rig.write('raw/old.jsonl', 20);
      await rig.run('backup');
      const copyOf = (set: RegExp) => {
        const name = readdirSync(join(rig.folder, 'backups')).find(
          (one) => set.test(one) && one.endsWith('.files'),
        );
        return join(rig.folder, 'backups', name ?? '', 'raw/old.jsonl');
      };
      // The source is now the very file that the backup keeps.
      const first = copyOf(/^data-2/);
      rmSync(join(rig.folder, 'data/raw/old.jsonl'));
      linkSync(first, join(rig.folder, 'data/raw/old.jsonl'));
      rig.pass(10);
      expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 0, keptFiles: 1 }] });
      const log = readFileSync(join(rig.folder, 'state/logs/maintenance/cleanup.log'), 'utf8');
      expect(log).toContain('kept: raw/old.jsonl: it has 2 names');
      expect(statSync(copyOf(/^data-expired/)).ino).not.toBe(statSync(first).ino);
    },
  );

  it('a file from the future never expires, however often and long it is looked at', slow, async () => {
    using rig = deskRig();
    rig.write('raw/old.jsonl', 20);
    rig.write('raw/future.jsonl', -400);
    for (let run = 0; run < 3; run++) {
      await rig.run('maintenance');
      rig.pass(30);
    }
    expect(readdirSync(join(rig.folder, 'data/raw'))).toEqual(['future.jsonl']);
  });

  it(
    'a source that vanishes between the look at it and the archive loses nothing and says so',
    slow,
    async () => {
      using rig = deskRig();
      rig.write('raw/old.jsonl', 20);
      const { files } = rig.services;
      const data = join(rig.folder, 'data');
      const makeFolder = files.makeFolder.bind(files);
      files.makeFolder = (path, mode) => {
        makeFolder(path, mode);
        if (path.endsWith('/backups') && existsSync(data)) renameSync(data, join(rig.folder, 'aside'));
      };
      await expect(rig.run('maintenance')).rejects.toMatchObject({ code: 'BAT-0520' });
      expect(existsSync(join(rig.folder, 'aside/raw/old.jsonl'))).toBe(true);
      const final = readdirSync(join(rig.folder, 'backups')).filter((name) =>
        name.endsWith('.manifest.jsonl'),
      );
      expect(final).toEqual([]);
    },
  );

  it('a clock that steps between the plan and the deletion widens nothing', slow, async () => {
    using rig = deskRig();
    rig.write('raw/old.jsonl', 20);
    rig.write('raw/new.jsonl', 1);
    const { files } = rig.services;
    const createNew = files.createNew.bind(files);
    let steps = 0;
    files.createNew = (path, mode) => {
      if (path.includes('.tar.gz.partial') && steps++ === 0) rig.pass(400);
      return createNew(path, mode);
    };
    expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 1 }] });
    expect(steps).toBe(1);
    expect(readdirSync(join(rig.folder, 'data/raw'))).toEqual(['new.jsonl']);
  });
});
