import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { restore, restoreServices } from '../../../test/restore-machine.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { noise } from '../../adapters/archive-tar/fixtures/archive-samples.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { archiveStrategy, incrementalStrategy } from '../backup/archive-strategy.ts';
import { fileStrategy } from '../backup/file-strategy.ts';
import type { RestoreProgress } from './restore-request.ts';
import { STAGING_FOLDER } from './target-note.ts';

const { files, clock } = machineServices();
const CONTENTS = {
  'a.txt': 'one',
  'sub/b.bin': Buffer.alloc(3_000_000, 7),
  'sub/deep/c.jsonl': '{"x":1}\n'.repeat(500),
  '.env': '',
  '한글/c': 'x',
};

/** Every file below a folder with its content, relative; staging left out. */
function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(folder.length + 1)] = readFileSync(path, 'latin1');
    else if (!entry.isDirectory()) found[path.slice(folder.length + 1)] = 'no file';
  }
  return found;
}

function restored(tree: SourceTree): string {
  return join(tree.folder, 'restored');
}

const KINDS = [
  ['gzip', archiveStrategy()],
  ['zstd', archiveStrategy({ codec: 'zstd' })],
  ['store', archiveStrategy({ codec: 'store' })],
  ['copies', fileStrategy()],
] as const;

describe.each(KINDS)('a restore of a backup as %s', (kind, strategy) => {
  it('brings every file back, with its time and rights, into a new private folder', async () => {
    using tree = sourceTree(CONTENTS);
    chmodSync(join(tree.source, 'a.txt'), 0o640);
    utimesSync(join(tree.source, 'a.txt'), 1_700_000_000, 1_700_000_000.25);
    const { manifest } = await backUp(tree, { strategy });
    const seen: RestoreProgress[] = [];
    const report = await restore(tree, { id: manifest.id, onProgress: (progress) => seen.push(progress) });
    expect(report).toMatchObject({
      outcome: 'complete',
      files: 5,
      writtenFiles: 5,
      unchangedFiles: 0,
      lost: { count: 0 },
      keptAside: { count: 0 },
      resumed: false,
      proof: kind === 'copies' ? 'verified' : 'digest',
    });
    expect(contents(restored(tree))).toEqual(contents(tree.source));
    expect(statSync(restored(tree)).mode & 0o777).toBe(0o700);
    const { mode, mtimeMs } = statSync(join(restored(tree), 'a.txt'));
    expect([mode & 0o7777, mtimeMs]).toEqual([0o640, 1_700_000_000_250]);
    expect(seen.at(-1)).toMatchObject({
      files: 5,
      totalFiles: 5,
      bytes: report.bytes,
      totalBytes: report.bytes,
    });
  });

  it('brings back only what is asked for', async () => {
    using tree = sourceTree(CONTENTS);
    utimesSync(join(tree.source, 'a.txt'), 1_700_000_000, 1_700_000_000);
    const { manifest } = await backUp(tree, { strategy });
    const into = (name: string) => ({ kind: 'folder', folder: join(tree.folder, name) }) as const;
    const ask = async (name: string, selection: object) => {
      await restore(tree, { id: manifest.id, target: into(name), selection });
      return Object.keys(contents(join(tree.folder, name))).toSorted();
    };
    expect(await ask('globs', { globs: ['sub/**', '!**/*.bin'] })).toEqual(['sub/deep/c.jsonl']);
    expect(await ask('paths', { paths: ['sub/', 'a.txt'] })).toEqual([
      'a.txt',
      'sub/b.bin',
      'sub/deep/c.jsonl',
    ]);
    expect(await ask('time', { changedUntilMs: 1_700_000_000_001 })).toEqual(['a.txt']);
    expect(await ask('late', { changedFromMs: 1_700_000_000_001, globs: ['*.txt', '.env'] })).toEqual([
      '.env',
    ]);
    await expect(ask('none', { globs: ['nothing/**'] })).rejects.toMatchObject({ code: 'INP-0840' });
    await expect(ask('none', { paths: ['../a'] })).rejects.toMatchObject({ code: 'INP-0840' });
    expect(existsSync(join(tree.folder, 'none'))).toBe(false);
  });
});

describe.each(KINDS)('a restore of a doubtful backup as %s', (kind, strategy) => {
  it('gives no file its name when the backup is broken', async () => {
    using tree = sourceTree(CONTENTS);
    const { manifest, names } = await backUp(tree, { strategy });
    spoil(join(tree.backups, names.archive, ...(kind === 'copies' ? ['sub/b.bin'] : [])));
    const broken = await restore(tree, { id: manifest.id }).catch((error: unknown) => error);
    expect(broken).toMatchObject({ code: 'SYS-0104' });
    expect(existsSync(restored(tree))).toBe(false);
  });

  it('keeps rights to run as somebody else away', async () => {
    using tree = sourceTree({ tool: 'x' });
    chmodSync(join(tree.source, 'tool'), 0o6755);
    const { manifest } = await backUp(tree, { strategy });
    await restore(tree, { id: manifest.id });
    expect(statSync(join(restored(tree), 'tool')).mode & 0o7777).toBe(0o755);
  });
});

/** Turns one bit in the middle of a file. */
function spoil(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}

describe('a restore', () => {
  it('reads only the blocks of the few files that are asked for', async () => {
    using tree = sourceTree(
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, Buffer.alloc(100_000, i)])),
    );
    const { manifest, names } = await backUp(tree, {
      strategy: archiveStrategy({ codec: 'store', blockBytes: 65_536 }),
    });
    let read = 0;
    const counting: KeepFiles = {
      ...files,
      openRead(path) {
        const opened = files.openRead(path);
        if (!path.endsWith(names.archive)) return opened;
        return {
          ...opened,
          read(...asked) {
            const got = opened.read(...asked);
            read += got;
            return got;
          },
        };
      },
    };
    const services = restoreServices({ files: counting });
    const report = await restore(tree, { id: manifest.id, selection: { paths: ['f7', 'f31'] }, services });
    expect(report).toMatchObject({ files: 2, proof: 'each-file' });
    expect(contents(restored(tree))).toEqual({ f7: '\u0007'.repeat(100_000), f31: '\u001f'.repeat(100_000) });
    expect(read).toBeLessThan(manifest.archiveBytes / 5);
    // One of few is damaged: none of them gets its name.
    const archive = readFileSync(join(tree.backups, names.archive));
    const at = archive.indexOf(Buffer.alloc(1000, 31));
    archive[at + 500] = 0;
    writeFileSync(join(tree.backups, names.archive), archive);
    rmSync(restored(tree), { recursive: true });
    const again = restore(tree, { id: manifest.id, selection: { paths: ['f7', 'f31'] } });
    await expect(again).rejects.toMatchObject({ code: 'SYS-0180' });
    expect(existsSync(restored(tree))).toBe(false);
  });

  it('follows a chain of incremental backups', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two', 'c/d.txt': 'three', e: 'x'.repeat(5000) });
    let offsetMs = 60_000;
    const later: Clock = { ...clock, now: () => clock.now() + offsetMs };
    const services = machineServices({ clock: later });
    const strategy = incrementalStrategy();
    const run = async () => {
      const outcome = await backUp(tree, { services, strategy });
      offsetMs += 60_000;
      return outcome;
    };
    await run();
    tree.write('b.txt', 'TWO');
    rmSync(join(tree.source, 'c/d.txt'));
    await run();
    tree.write('new/f.txt', 'new');
    const { manifest } = await run();
    expect(manifest).toMatchObject({ depth: 2 });
    expect(manifest.holders).toHaveLength(2);
    expect(await restore(tree, { id: manifest.id })).toMatchObject({ files: 4, proof: 'digest' });
    expect(contents(restored(tree))).toEqual(contents(tree.source));
    const some = { kind: 'folder', folder: join(tree.folder, 'some') } as const;
    const few = await restore(tree, {
      id: manifest.id,
      target: some,
      selection: { paths: ['a.txt', 'new'] },
    });
    expect(few).toMatchObject({ files: 2, proof: 'each-file' });
    expect(contents(some.folder)).toEqual({ 'a.txt': 'one', 'new/f.txt': 'new' });
  });

  it('is refused where it could do harm', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { manifest } = await backUp(tree);
    const into = (folder: string) => restore(tree, { id: manifest.id, target: { kind: 'folder', folder } });
    const refused = expect.objectContaining({ code: 'INP-0841' });
    await expect(into('relative')).rejects.toEqual(refused);
    await expect(into(tree.source)).rejects.toEqual(refused);
    await expect(into(join(tree.backups, 'new'))).rejects.toEqual(refused);
    await expect(into(tree.folder)).rejects.toEqual(refused);
    await expect(into(join(tree.source, 'a.txt'))).rejects.toEqual(refused);
    symlinkSync(tree.folder, join(tree.folder, 'link'));
    await expect(into(join(tree.folder, 'link'))).rejects.toEqual(refused);
    await expect(into(join(tree.folder, 'link', 'backups', 'x'))).rejects.toEqual(refused);
    await expect(restore(tree, { id: manifest.id, target: { kind: 'in-place' } })).rejects.toEqual(refused);
    await expect(restore(tree, { id: 'none' })).rejects.toMatchObject({ code: 'INP-0804' });
    const mistyped = { ...tree, backups: join(tree.folder, 'mistyped') };
    await expect(restore(mistyped, { id: manifest.id })).rejects.toMatchObject({ code: 'SYS-0142' });
    expect(existsSync(mistyped.backups)).toBe(false);
    expect(contents(tree.source)).toEqual({ 'a.txt': 'one' });
    expect(existsSync(join(tree.backups, 'new'))).toBe(false);
  });

  it('in place keeps aside what differs, leaves what is right, and brings back what is gone', async () => {
    using tree = sourceTree({
      'a.txt': 'one',
      'b/c.txt': 'two',
      'd.txt': 'three',
      'e/f.txt': 'four',
      g: 'five',
    });
    const { manifest } = await backUp(tree);
    tree.write('a.txt', 'ONE, which nobody has saved');
    rmSync(join(tree.source, 'b'), { recursive: true });
    rmSync(join(tree.source, 'e'), { recursive: true });
    tree.write('e', 'a file where a folder was');
    rmSync(join(tree.source, 'g'));
    tree.write('g/h', 'a folder where a file was');
    tree.write('own.txt', 'made since');
    const inode = statSync(join(tree.source, 'd.txt')).ino;
    const report = await restore(tree, {
      id: manifest.id,
      target: { kind: 'in-place' },
      hold: { stateFolder: join(tree.folder, 'state'), dataRoot: tree.source, owner: 'kim' },
    });
    expect(report).toMatchObject({
      inPlace: true,
      files: 5,
      writtenFiles: 4,
      unchangedFiles: 1,
      keptAside: { count: 3 },
    });
    const found = contents(tree.source);
    expect(found).toMatchObject({
      ...{ 'a.txt': 'one', 'b/c.txt': 'two', 'd.txt': 'three', 'e/f.txt': 'four', g: 'five' },
      'own.txt': 'made since',
    });
    const aside = Object.fromEntries(report.keptAside.first.map(({ path, now }) => [path, now]));
    expect(aside['a.txt']).toMatch(/^a\.txt\.before-restore-\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}$/);
    expect(found[aside['a.txt'] ?? '']).toBe('ONE, which nobody has saved');
    expect(found[aside['e'] ?? '']).toBe('a file where a folder was');
    expect(found[`${aside['g']}/h`]).toBe('a folder where a file was');
    expect(Object.keys(found)).toHaveLength(9);
    expect(statSync(join(tree.source, 'd.txt')).ino).toBe(inode);
    expect(existsSync(join(tree.source, STAGING_FOLDER))).toBe(false);
  });

  it('in place makes a data folder that is gone', async () => {
    using tree = sourceTree(CONTENTS);
    const { manifest } = await backUp(tree);
    const before = contents(tree.source);
    rmSync(tree.source, { recursive: true });
    await restore(tree, {
      id: manifest.id,
      target: { kind: 'in-place' },
      hold: { stateFolder: join(tree.folder, 'state'), dataRoot: tree.source, owner: 'kim' },
    });
    expect(contents(tree.source)).toEqual(before);
  });

  it('salvages every file whose digest is right, and lists the others', async () => {
    using tree = sourceTree(
      Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`f${String(i).padStart(2, '0')}`, noise(50_000, i + 1)]),
      ),
    );
    for (const [strategy, lostMax] of [
      [archiveStrategy({ blockBytes: 65_536 }), 3],
      [archiveStrategy({ codec: 'store', blockBytes: 65_536 }), 1],
      [fileStrategy(), 1],
    ] as const) {
      const { manifest, names } = await backUp(tree, { strategy });
      const path = join(tree.backups, names.archive);
      spoil(strategy.name === 'file' ? join(path, 'f10') : path);
      const folder = join(tree.folder, `salvaged-${strategy.name}-${strategy.codec}`);
      const report = await restore(tree, {
        id: manifest.id,
        salvage: true,
        target: { kind: 'folder', folder },
      });
      expect(report).toMatchObject({ outcome: 'salvaged', proof: 'none' });
      expect(report.lost.count).toBeGreaterThan(0);
      expect(report.lost.count).toBeLessThanOrEqual(lostMax);
      expect(report.files).toBe(30 - report.lost.count);
      const all = contents(tree.source);
      for (const { path: lost } of report.lost.first) delete all[lost];
      expect(contents(folder)).toEqual(all);
    }
  });

  it('salvages what an archive holds that was cut off, and the backup of a chain whose ancestor is gone', async () => {
    using tree = sourceTree(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`f${String(i).padStart(2, '0')}`, noise(50_000, i + 1)]),
      ),
    );
    const strategy = incrementalStrategy({ codec: 'store', blockBytes: 65_536 });
    const later: Clock = { ...clock, now: () => clock.now() + 60_000 };
    const first = await backUp(tree, { strategy, services: machineServices({ clock: later }) });
    const path = join(tree.backups, first.names.archive);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    const cut = { kind: 'folder', folder: join(tree.folder, 'cut') } as const;
    const report = await restore(tree, { id: first.manifest.id, salvage: true, target: cut });
    expect(report.files).toBeGreaterThanOrEqual(8);
    expect(report.files + report.lost.count).toBe(20);
    writeFileSync(path, whole);
    utimesSync(path, statSync(path).atime, new Date(0));
    const check = await restore(tree, { id: first.manifest.id });
    expect(check).toMatchObject({ files: 20, proof: 'verified' });
    tree.write('f03', 'changed');
    const still: Clock = { ...clock, now: () => clock.now() + 120_000 };
    const services = machineServices({ clock: still });
    const verified = await restoreServices({ clock: still }).verifyBackup({
      ...{ backupRoot: tree.backups, id: first.manifest.id, runId: '0199c3a2-7c10-7b51-9c5e-0123456789ab' },
    });
    verified.close();
    const second = await backUp(tree, { strategy, services });
    expect(second.manifest.depth).toBe(1);
    renameSync(path, `${path}.gone`);
    const alone = { kind: 'folder', folder: join(tree.folder, 'alone') } as const;
    const rest = await restore(tree, { id: second.manifest.id, salvage: true, target: alone });
    expect(rest).toMatchObject({ files: 1, lost: { count: 19 } });
    expect(contents(alone.folder)).toEqual({ f03: 'changed' });
  });

  it('does not start without room, and says what it needs', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { manifest } = await backUp(tree);
    const small: KeepFiles = { ...files, space: () => ({ freeBytes: 1000, totalBytes: 10_000 }) };
    const run = restore(tree, { id: manifest.id, services: restoreServices({ files: small }) });
    await expect(run).rejects.toMatchObject({ code: 'SYS-0181', data: { freeBytes: 1000 } });
    expect(existsSync(restored(tree))).toBe(false);
    // In place only what is gone needs room.
    const inPlace = {
      id: manifest.id,
      target: { kind: 'in-place' },
      reserveBytes: 0,
      hold: { stateFolder: join(tree.folder, 'state'), dataRoot: tree.source, owner: 'kim' },
      services: restoreServices({ files: small }),
    } as const;
    expect(await restore(tree, inPlace)).toMatchObject({ unchangedFiles: 1 });
    rmSync(join(tree.source, 'a.txt'));
    await expect(restore(tree, inPlace)).rejects.toMatchObject({ code: 'SYS-0181' });
  });

  it('stops when it is told to', async () => {
    using tree = sourceTree(
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, 'x'.repeat(i)])),
    );
    const { manifest } = await backUp(tree, { strategy: archiveStrategy({ blockBytes: 65_536 }) });
    const stop = new AbortController();
    const run = restore(tree, {
      id: manifest.id,
      signal: stop.signal,
      onProgress: ({ stage, files: done }) =>
        stage === 'write' && done > 10 && stop.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
    if (existsSync(restored(tree))) {
      for (const [path, text] of Object.entries(contents(restored(tree)))) {
        if (!path.startsWith(STAGING_FOLDER)) expect(text).toBe(contents(tree.source)[path]);
      }
    }
    expect(await restore(tree, { id: manifest.id })).toMatchObject({ files: 60, outcome: 'complete' });
  });

  it('never follows a link that is put into the target while it runs', async () => {
    using tree = sourceTree(
      Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`sub/f${String(i).padStart(3, '0')}`, 'x'])),
    );
    const { manifest } = await backUp(tree);
    const outside = join(tree.folder, 'outside');
    mkdirSync(outside);
    const sub = join(restored(tree), 'sub');
    const swapping: KeepFiles = {
      ...files,
      link(existing, name) {
        if (name.endsWith('/f060')) {
          renameSync(sub, `${sub}.away`);
          symlinkSync(outside, sub);
        }
        files.link(existing, name);
      },
    };
    const run = restore(tree, { id: manifest.id, services: restoreServices({ files: swapping }) });
    await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/^SYS-018[45]$/) });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('never follows a link that stands in place of a folder', async () => {
    using tree = sourceTree({ 'sub/a.txt': 'one' });
    const { manifest } = await backUp(tree);
    const outside = join(tree.folder, 'outside');
    mkdirSync(outside);
    rmSync(join(tree.source, 'sub'), { recursive: true });
    symlinkSync(outside, join(tree.source, 'sub'));
    const run = restore(tree, {
      id: manifest.id,
      target: { kind: 'in-place' },
      hold: { stateFolder: join(tree.folder, 'state'), dataRoot: tree.source, owner: 'kim' },
    });
    await expect(run).rejects.toMatchObject({ code: 'SYS-0184' });
    expect(readdirSync(outside)).toEqual([]);
  });
});
