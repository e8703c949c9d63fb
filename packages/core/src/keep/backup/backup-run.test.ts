import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import type { KeepFiles, OpenedFile } from '../../ports/keep-files.ts';
import { archiveStrategy } from './archive-strategy.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { parseBackupName } from './backup-names.ts';
import type { BackupStrategy } from './backup-strategy.ts';
import { fileStrategy } from './file-strategy.ts';
import { loadFullManifest } from './manifest-file.ts';

const { files } = machineServices();

/** Names of ours in a backup root, with their parts. */
function parts(backups: string): string[] {
  return readdirSync(backups).flatMap((name) => {
    const parsed = parseBackupName(name);
    return parsed === undefined
      ? []
      : [parsed.partialOf === undefined ? parsed.part : `${parsed.part} partial`];
  });
}

/** Files of the machine that do something to a source file whenever it is read. */
function touching(path: string, touch: (reading: number) => void): KeepFiles {
  let readings = 0;
  return {
    ...files,
    openRead(full) {
      const opened = files.openRead(full);
      if (full !== path) return opened;
      const reading = readings++;
      return withRead(opened, () => touch(reading));
    },
  };
}

function withRead(opened: OpenedFile, before: () => void): OpenedFile {
  let first = true;
  return {
    ...opened,
    read: (...place) => {
      if (first) before();
      first = false;
      return opened.read(...place);
    },
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: test`), { code });
}

function describeStrategy(_: string, strategy: BackupStrategy): void {
  it('holds every file with its digest, and is verified', async () => {
    using tree = sourceTree({
      'a.txt': 'one',
      'sub/b.bin': Buffer.alloc(3_000_000, 7),
      '.env': '',
      '한글/c': 'x',
    });
    const { manifest, verified, names, manifestPath } = await backUp(tree, { strategy });
    expect(manifest).toMatchObject({ recordCount: 4, sourceBytes: 3_000_004, skippedCount: 0, depth: 0 });
    const { entries } = loadFullManifest(files, manifestPath);
    expect(entries.map(({ path }) => path)).toEqual(['.env', 'a.txt', 'sub/b.bin', '한글/c']);
    expect(verified?.covers('a.txt')).toMatchObject({ size: 3, state: 'stable' });
    expect(verified?.covers('absent')).toBeUndefined();
    expect(readCatalogue(files, tree.backups)).toMatchObject({
      backups: [{ id: manifest.id, state: 'verified', names: { archive: names.archive } }],
      leftovers: [],
    });
    expect(parts(tree.backups).toSorted()).toEqual([
      strategy.name === 'file' ? 'copies' : 'archive',
      'manifest',
      'verified',
    ]);
  });

  it('records a vanished, an unreadable and a replaced file, and keeps the others', async () => {
    using tree = sourceTree({ 'a.txt': '1', 'bad.txt': '2', 'gone.txt': '3', 'link.txt': '4' });
    const racing: KeepFiles = {
      ...files,
      openRead(path) {
        if (path.endsWith('/gone.txt')) rmSync(path, { force: true });
        if (path.endsWith('/bad.txt')) throw failure('EACCES');
        if (path.endsWith('/link.txt')) {
          rmSync(path, { force: true });
          symlinkSync('/etc/hostname', path);
        }
        return files.openRead(path);
      },
    };
    const services = machineServices({ files: racing });
    const { manifestPath, manifest } = await backUp(tree, { strategy, services });
    expect(manifest).toMatchObject({ recordCount: 1, skippedCount: 3 });
    expect(loadFullManifest(files, manifestPath).skipped).toEqual([
      { path: 'bad.txt', reason: 'unreadable', detail: 'EACCES' },
      { path: 'gone.txt', reason: 'vanished' },
      { path: 'link.txt', reason: 'symlink' },
    ]);
  });

  it('keeps the beginning of a file that grows while it is read, marked as grown', async () => {
    using tree = sourceTree({ 'log.jsonl': '{"a":1}\n', z: '1' });
    const log = join(tree.source, 'log.jsonl');
    const growing = touching(log, () => appendFileSync(log, '{"a":2}\n'));
    const { verified } = await backUp(tree, { strategy, services: machineServices({ files: growing }) });
    expect(verified?.covers('log.jsonl')).toMatchObject({ size: 8, state: 'grown' });
  });

  it('reads a file again that changes while it is read, and leaves it out when it never rests', async () => {
    using tree = sourceTree({ once: 'aaaa', ever: 'bbbb', shrinks: 'cccc', z: '1' });
    const at = (name: string) => join(tree.source, name);
    const once = touching(at('once'), (reading) => reading === 0 && writeFileSync(at('once'), 'AAAA'));
    const ever = touching(at('ever'), (reading) => writeFileSync(at('ever'), `B${reading}BB`));
    const shrinks = touching(at('shrinks'), (reading) =>
      writeFileSync(at('shrinks'), 'c'.repeat(3 - reading)),
    );
    const busy: KeepFiles = {
      ...files,
      openRead: (path) => (path === at('once') ? once : path === at('ever') ? ever : shrinks).openRead(path),
    };
    const { verified, manifestPath } = await backUp(tree, {
      strategy,
      services: machineServices({ files: busy }),
    });
    expect(verified?.covers('once')).toMatchObject({ state: 'stable' });
    expect(['ever', 'shrinks'].map((path) => verified?.covers(path))).toEqual([undefined, undefined]);
    expect(loadFullManifest(files, manifestPath).skipped).toMatchObject([
      { path: 'ever', reason: 'changing' },
      { path: 'shrinks', reason: 'changing' },
    ]);
  });

  it('leaves nothing with a final name when the disk is full in the middle', async () => {
    using tree = sourceTree({ 'a.bin': randomBytes(300_000), b: '1' });
    let room = 20_000;
    const full: KeepFiles = {
      ...files,
      createNew(path, mode) {
        const opened = files.createNew(path, mode);
        return {
          ...opened,
          write(buffer, offset, length) {
            if (length > room) throw failure('ENOSPC');
            room -= length;
            return opened.write(buffer, offset, length);
          },
        };
      },
    };
    mkdirSync(tree.backups);
    writeFileSync(join(tree.backups, 'notes.txt'), 'mine');
    const services = machineServices({ files: full });
    await expect(backUp(tree, { strategy, services })).rejects.toMatchObject({ code: 'SYS-0141' });
    expect(parts(tree.backups)).toEqual([]);
    expect(existsSync(join(tree.backups, 'notes.txt'))).toBe(true);
  });

  it.each(['write', 'sync', 'close', 'link', 'rename', 'syncFolder'] as const)(
    'publishes nothing that is not whole when %s fails, at whichever call',
    async (operation) => {
      for (let nth = 0; nth < 12; nth++) {
        using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
        const services = machineServices({ files: failing(tree, operation, nth) });
        const outcome = await backUp(tree, { strategy, services }).catch((error: unknown) => error);
        const { backups } = existsSync(tree.backups) ? readCatalogue(files, tree.backups) : { backups: [] };
        for (const backup of backups) expect(backup.state).not.toBe('broken');
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'SYS-0142' });
        // The next run is clean.
        const next = await backUp(tree, { strategy });
        expect(next.verified).toBeDefined();
        expect(parts(tree.backups).filter((part) => part.includes('partial'))).toEqual([]);
        expect(readCatalogue(files, tree.backups).leftovers).toEqual([]);
      }
    },
  );
}

describe.each<readonly [string, BackupStrategy]>([
  ['gzip', archiveStrategy()],
  ['zstd', archiveStrategy({ codec: 'zstd' })],
  ['store', archiveStrategy({ codec: 'store' })],
  ['copies', fileStrategy()],
])('a backup as %s', describeStrategy);

/** Files whose `nth` call of an operation in the backup root fails with an input or output error. */
function failing(
  tree: SourceTree,
  operation: 'write' | 'sync' | 'close' | 'link' | 'rename' | 'syncFolder',
  nth: number,
): KeepFiles {
  let calls = 0;
  const count = () => {
    if (calls++ === nth) throw failure('EIO');
  };
  const before =
    <A extends readonly unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      count();
      return work(...args);
    };
  if (operation === 'link' || operation === 'rename' || operation === 'syncFolder') {
    return { ...files, [operation]: before(files[operation]) };
  }
  return {
    ...files,
    createNew(path, mode) {
      const opened = files.createNew(path, mode);
      return path.startsWith(tree.backups)
        ? {
            ...opened,
            [operation]: before<never[], number | undefined>(opened[operation] as () => number | undefined),
          }
        : opened;
    },
  };
}

describe('a backup run', () => {
  it('is refused for a missing and for an empty source, also after good backups', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    await backUp(tree);
    rmSync(join(tree.source, 'a.txt'));
    await expect(backUp(tree)).rejects.toMatchObject({ code: 'BAT-0502' });
    renameSync(tree.source, `${tree.source}-away`);
    await expect(backUp(tree)).rejects.toMatchObject({ code: 'BAT-0501' });
    expect(readCatalogue(files, tree.backups).backups).toHaveLength(1);
  });

  it('is refused when every file is left out', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const closed: KeepFiles = {
      ...files,
      openRead: (path) => {
        if (path.startsWith(tree.source)) throw failure('EACCES');
        return files.openRead(path);
      },
    };
    await expect(backUp(tree, { services: machineServices({ files: closed }) })).rejects.toMatchObject({
      code: 'BAT-0502',
    });
    expect(parts(tree.backups)).toEqual([]);
  });

  it('does not start without enough space', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const small: KeepFiles = { ...files, space: () => ({ freeBytes: 1_000, totalBytes: 10_000 }) };
    const services = machineServices({ files: small });
    await expect(backUp(tree, { services })).rejects.toMatchObject({
      code: 'SYS-0140',
      data: { freeBytes: 1_000 },
    });
    expect(parts(tree.backups)).toEqual([]);
  });

  it('is refused when the disk of the backups is not there', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const { root } = await backUp(tree);
    await backUp(tree, { expectedMark: root.mark });
    renameSync(tree.backups, `${tree.backups}-unmounted`);
    await expect(backUp(tree, { expectedMark: root.mark })).rejects.toMatchObject({ code: 'BAT-0504' });
    mkdirSync(tree.backups);
    await expect(backUp(tree, { expectedMark: root.mark })).rejects.toMatchObject({ code: 'BAT-0504' });
    expect(readdirSync(tree.backups)).toEqual([]);
  });

  it('never replaces another backup, not even with the same name', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const runId = randomId();
    const clock = { ...machineServices().clock, now: () => Date.UTC(2026, 10, 20) };
    const services = machineServices({ clock });
    const { names } = await backUp(tree, { runId, services });
    const archive = readFileSync(join(tree.backups, names.archive));
    tree.write('a.txt', '2');
    await expect(backUp(tree, { runId, services })).rejects.toMatchObject({ code: 'SYS-0142' });
    expect(readFileSync(join(tree.backups, names.archive))).toEqual(archive);
    expect(readCatalogue(files, tree.backups).backups).toMatchObject([{ state: 'verified' }]);
  });

  it('makes two backups of the same instant', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const clock = { ...machineServices().clock, now: () => Date.UTC(2026, 10, 20) };
    const services = machineServices({ clock });
    await backUp(tree, { services });
    await backUp(tree, { services });
    expect(readCatalogue(files, tree.backups).backups.map(({ state }) => state)).toEqual([
      'verified',
      'verified',
    ]);
  });

  it('removes what a dead run has left, and nothing else', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const { names } = await backUp(tree);
    const dead = '0199c3a2-7c10-7b51-9c5e-0123456789ab';
    const stem = 'data-20261119T000000.000Z-456789ab';
    const left = [
      `${stem}.tar.gz.partial.${dead}`,
      `${stem}.manifest.jsonl.partial.${dead}`,
      'data-20261118T000000.000Z-00000000.tar.gz',
    ];
    const kept = ['notes.txt', `${stem}.tar.gz.partial.x`, 'data-20261118T000000.000Z-00000000.tar.gz.old'];
    for (const name of [...left, ...kept]) writeFileSync(join(tree.backups, name), 'x');
    mkdirSync(join(tree.backups, `${stem}.files.partial.${dead}`, 'sub'), { recursive: true });
    writeFileSync(join(tree.backups, `${stem}.files.partial.${dead}`, 'sub', 'x'), 'x');
    symlinkSync(tree.source, join(tree.backups, `${stem}.files.partial.${dead}`, 'link'));
    const { leftovers } = await backUp(tree);
    expect(leftovers).toHaveLength(4);
    const names2 = readdirSync(tree.backups);
    expect(names2).toEqual(expect.arrayContaining([...kept, names.archive]));
    expect(names2.filter((name) => left.includes(name) || name.includes(`.files.partial`))).toEqual([]);
    expect(existsSync(join(tree.source, 'a.txt'))).toBe(true);
  });

  it('never removes an archive whose manifest got lost after it was verified', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const { names } = await backUp(tree);
    rmSync(join(tree.backups, names.manifest));
    await backUp(tree);
    expect(existsSync(join(tree.backups, names.archive))).toBe(true);
    expect(readCatalogue(files, tree.backups).backups.map(({ state }) => state)).toEqual([
      'verified',
      'broken',
    ]);
  });

  it('leaves out its own folder inside the source, run after run', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const inside = { source: tree.source, backups: join(tree.source, 'backups') };
    await backUp(inside);
    const { manifest } = await backUp(inside);
    expect(manifest.recordCount).toBe(1);
  });

  it('stops when it is told to, and leaves nothing', async () => {
    using tree = sourceTree(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${i}`, 'x'])));
    const stop = new AbortController();
    const run = backUp(tree, {
      signal: stop.signal,
      onProgress: ({ files: done }) => done > 0 && stop.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
    expect(parts(tree.backups)).toEqual([]);
  });

  it('writes an archive that an ordinary tar opens', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'sub/b.txt': 'two' });
    const { names } = await backUp(tree);
    const out = join(tree.folder, 'out');
    mkdirSync(out);
    execFileSync('tar', ['xzf', join(tree.backups, names.archive), '-C', out]);
    expect(execFileSync('diff', ['-r', tree.source, out]).toString()).toBe('');
  });

  it('keeps times and rights of copies, and no right to run as somebody else', async () => {
    using tree = sourceTree({ 'a.sh': 'one' });
    execFileSync('chmod', ['4755', join(tree.source, 'a.sh')]);
    execFileSync('touch', ['-d', '2026-01-02T03:04:05', join(tree.source, 'a.sh')]);
    const { names } = await backUp(tree, { strategy: fileStrategy() });
    const copy = files.facts(join(tree.backups, names.archive, 'a.sh'));
    expect(copy).toMatchObject({ mode: 0o755, mtimeNs: files.facts(join(tree.source, 'a.sh'))?.mtimeNs });
  });
});
