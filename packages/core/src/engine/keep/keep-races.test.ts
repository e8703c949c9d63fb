import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KeepDeskRig } from '../../../test/keep-desk-rig.ts';

const wish = {
  backup: { to: 'backups', sources: ['data'], database: false },
  retention: [{ match: 'raw/**', keepDays: 7, quiet: 0 }],
};
const slow = { timeout: 240_000 };

it.skipIf(!existsSync('/proc/self/fd'))(
  'a link that is put in the place of a folder between the last look and the end of a file harms no other file',
  slow,
  async () => {
    using rig = new KeepDeskRig(wish);
    rig.write('raw/day/old.jsonl', 20);
    mkdirSync(join(rig.folder, 'victim'));
    writeFileSync(join(rig.folder, 'victim/old.jsonl'), 'somebody else’s');
    const { files } = rig.services;
    const unlink = files.unlink.bind(files);
    let swapped = false;
    files.unlink = (path) => {
      if (path.endsWith('/old.jsonl') && !swapped) {
        swapped = true;
        renameSync(join(rig.folder, 'data/raw/day'), join(rig.folder, 'data/raw/moved'));
        symlinkSync(join(rig.folder, 'victim'), join(rig.folder, 'data/raw/day'));
      }
      unlink(path);
    };
    await rig.run('maintenance').catch(() => undefined);
    expect(swapped).toBe(true);
    expect(readFileSync(join(rig.folder, 'victim/old.jsonl'), 'utf8')).toBe('somebody else’s');
    expect(existsSync(join(rig.folder, 'data/raw/moved/old.jsonl'))).toBe(false);
  },
);

it('a folder that is renamed after the backup keeps its files', slow, async () => {
  using rig = new KeepDeskRig(wish);
  for (const name of ['a', 'b']) rig.write(`raw/${name}/old.jsonl`, 20);
  const { files } = rig.services;
  const openAppend = files.openAppend.bind(files);
  files.openAppend = (path, mode) => {
    if (path.endsWith('.qts-ops-deleted.jsonl') && existsSync(join(rig.folder, 'data/raw/a'))) {
      renameSync(join(rig.folder, 'data/raw/a'), join(rig.folder, 'data/raw/moved'));
      symlinkSync(join(rig.folder, 'data/raw/moved'), join(rig.folder, 'data/raw/a'));
    }
    return openAppend(path, mode);
  };
  expect(await rig.run('maintenance')).toMatchObject({
    status: 'partial',
    sources: [{ deletedFiles: 1, keptFiles: 1 }],
  });
  expect(existsSync(join(rig.folder, 'data/raw/moved/old.jsonl'))).toBe(true);
  expect(existsSync(join(rig.folder, 'data/raw/b/old.jsonl'))).toBe(false);
});

it('a hold that is given while the backup is made keeps its file', slow, async () => {
  using rig = new KeepDeskRig(wish);
  for (const name of ['held', 'free']) rig.write(`raw/${name}.jsonl`, 20);
  const { archives } = rig.services;
  const read = archives.read.bind(archives);
  const hold = {
    act: 'hold',
    id: 'h',
    kind: 'legal',
    globs: ['raw/held.jsonl'],
    reason: 'r',
    owner: 'o',
    atMs: 0,
  };
  archives.read = (...args) => {
    mkdirSync(join(rig.folder, 'state/maintenance'), { recursive: true });
    writeFileSync(join(rig.folder, 'state/maintenance/holds.jsonl'), `${JSON.stringify(hold)}\n`);
    return read(...args);
  };
  expect(await rig.run('maintenance')).toMatchObject({ sources: [{ deletedFiles: 1, keptFiles: 1 }] });
  expect(existsSync(join(rig.folder, 'data/raw/held.jsonl'))).toBe(true);
});

it('an archive that is flipped between its verification and the deletion deletes nothing', slow, async () => {
  using rig = new KeepDeskRig(wish);
  rig.write('raw/old.jsonl', 20);
  const { files } = rig.services;
  const openAppend = files.openAppend.bind(files);
  files.openAppend = (path, mode) => {
    // The journal is the first that is written after the verification.
    const backups = join(rig.folder, 'backups');
    if (path.includes('/maintenance/') && existsSync(backups)) {
      const name = files.list(backups).find((one) => one.name.endsWith('.tar.gz'))?.name;
      if (name !== undefined && files.list(backups).some((one) => one.name.endsWith('.verified.json'))) {
        const bytes = readFileSync(join(backups, name));
        bytes[30] = (bytes[30] ?? 0) ^ 1;
        writeFileSync(join(backups, name), bytes);
      }
    }
    return openAppend(path, mode);
  };
  await rig.run('maintenance');
  files.openAppend = openAppend;
  expect(existsSync(join(rig.folder, 'data/raw/old.jsonl'))).toBe(true);
});
