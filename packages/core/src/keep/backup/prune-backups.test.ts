import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { incrementalStrategy } from './archive-strategy.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { parseBackupName } from './backup-names.ts';
import { ContentSet } from './coverage-index.ts';
import { DELETED_RECORD, readDeleted, recordDeleted } from './deleted-content.ts';
import { fileStrategy } from './file-strategy.ts';
import { loadFullManifest } from './manifest-file.ts';
import { pruneBackups } from './prune-backups.ts';
import { removeOwn } from './remove-own.ts';

const machine = machineServices();
const { files } = machine;
const POLICY = { keepLast: 1, minimumCount: 1 };

/** Deletes a source file and notes it, as the delete gate does. */
function deleteNoted(tree: SourceTree, path: string, manifestPath: string): void {
  const entry = loadFullManifest(files, manifestPath).entries.find((one) => one.path === path);
  recordDeleted(files, tree.backups, [
    { source: tree.source, path, sha256: entry?.sha256 ?? '', deletedAtMs: 1 },
  ]);
  rmSync(join(tree.source, path));
}

function later(minutes: number) {
  return machineServices({ clock: { ...machine.clock, now: () => machine.clock.now() + minutes * 60_000 } });
}

describe('pruning backups', () => {
  it('removes what no rule keeps, whole, and nothing else', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const old = [await backUp(tree), await backUp(tree, { strategy: fileStrategy() })];
    writeFileSync(join(tree.backups, 'notes.txt'), 'mine');
    const last = await backUp(tree);
    const request = { backupRoot: tree.backups, policy: POLICY };
    const plan = pruneBackups(machine, { ...request, dryRun: true });
    expect(readCatalogue(files, tree.backups).backups).toHaveLength(3);
    const report = pruneBackups(machine, request);
    expect(report.removed).toEqual(plan.removed);
    expect(report.removed.toSorted()).toEqual(old.map(({ manifest }) => manifest.id).toSorted());
    expect(readCatalogue(files, tree.backups)).toMatchObject({
      backups: [{ id: last.manifest.id }],
      leftovers: [],
    });
    const own = readdirSync(tree.backups).filter((name) => parseBackupName(name) !== undefined);
    expect(own).toHaveLength(3);
    expect(readdirSync(tree.backups)).toContain('notes.txt');
  });

  it('keeps the last backup that holds a deleted file, and lets it go when a newer one holds it too', async () => {
    using tree = sourceTree({ 'raw/a.txt': 'one', 'b.txt': 'two' });
    const first = await backUp(tree);
    deleteNoted(tree, 'raw/a.txt', first.manifestPath);
    await backUp(tree);
    await backUp(tree);
    const request = { backupRoot: tree.backups, policy: POLICY };
    const { decisions, removed } = pruneBackups(machine, request);
    expect(removed).toHaveLength(1);
    expect(decisions.at(-1)).toMatchObject({
      id: first.manifest.id,
      keep: true,
      reasons: ['holds the only copy of 1 deleted files'],
    });
    expect(
      pruneBackups(machine, { ...request, dryRun: true, mayForget: ({ path }) => path.startsWith('raw/') })
        .removed,
    ).toEqual([first.manifest.id]);
    tree.write('raw/a.txt', 'one');
    await backUp(tree);
    expect(pruneBackups(machine, request).removed).toContain(first.manifest.id);
  });

  it('does not lose six of seven days when files are deleted daily and backups are kept weekly', async () => {
    using tree = sourceTree({ keep: 'x' });
    const written: string[] = [];
    for (let day = 0; day < 7; day++) {
      const path = `raw/${day}.txt`;
      tree.write(path, `day ${day}`);
      written.push(path);
      const services = later(day * 24 * 60);
      const { manifestPath } = await backUp(tree, { services });
      deleteNoted(tree, path, manifestPath);
      pruneBackups(services, { backupRoot: tree.backups, policy: { keepWeekly: 4, minimumCount: 1 } });
    }
    const restorable = readCatalogue(files, tree.backups).backups.flatMap(({ names }) =>
      loadFullManifest(files, join(tree.backups, names.manifest)).entries.map(({ path }) => path),
    );
    expect(written.filter((path) => !restorable.includes(path))).toEqual([]);
  });

  it('keeps what an incremental backup builds on', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    const strategy = incrementalStrategy();
    const full = await backUp(tree, { strategy, services: later(1) });
    tree.write('b.txt', 'TWO');
    const next = await backUp(tree, { strategy, services: later(2) });
    expect(next.manifest.depth).toBe(1);
    const { decisions } = pruneBackups(later(3), { backupRoot: tree.backups, policy: POLICY });
    expect(decisions.at(-1)).toMatchObject({
      keep: true,
      reasons: [`holds files of ${next.manifest.id}`],
      id: full.manifest.id,
    });
  });

  it('counts backups of each source for themselves', async () => {
    using one = sourceTree({ 'a.txt': 'one' });
    using two = sourceTree({ 'a.txt': 'one' });
    await backUp(one);
    await backUp({ source: two.source, backups: one.backups });
    expect(pruneBackups(machine, { backupRoot: one.backups, policy: POLICY }).removed).toEqual([]);
  });

  it('finishes a removal that was cut short, at whichever step', async () => {
    for (let step = 0; step < 8; step++) {
      using tree = sourceTree({ 'a.txt': 'one' });
      const old = await backUp(tree);
      await backUp(tree);
      let calls = 0;
      const dying =
        <A extends readonly unknown[], R>(work: (...args: A) => R) =>
        (...args: A): R => {
          if (calls++ === step) throw Object.assign(new Error('EIO: test'), { code: 'EIO' });
          return work(...args);
        };
      const cut: KeepFiles = {
        ...files,
        rename: dying((from: string, to: string) => files.rename(from, to)),
        unlink: dying((path: string) => files.unlink(path)),
        syncFolder: dying((path: string) => files.syncFolder(path)),
      };
      try {
        pruneBackups({ ...machine, files: cut }, { backupRoot: tree.backups, policy: POLICY });
      } catch (error) {
        expect(error).toMatchObject({ code: 'SYS-0142' });
      }
      for (const { state } of readCatalogue(files, tree.backups).backups) expect(state).toBe('verified');
      await backUp(tree);
      const after = readCatalogue(files, tree.backups);
      expect(after.leftovers).toEqual([]);
      const names = readdirSync(tree.backups).filter((name) => name.startsWith(old.names.stem));
      expect(names.length === 0 || names.length === 3).toBe(true);
    }
  });

  it('takes nothing when what was deleted is not known', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUp(tree);
    await backUp(tree);
    recordDeleted(files, tree.backups, [
      { source: tree.source, path: 'x', sha256: 'a'.repeat(64), deletedAtMs: 1 },
    ]);
    const record = join(tree.backups, DELETED_RECORD);
    appendFileSync(record, '{"source":"/da');
    expect([...readDeleted(files, tree.backups)]).toHaveLength(1);
    recordDeleted(files, tree.backups, [
      { source: tree.source, path: 'y', sha256: 'b'.repeat(64), deletedAtMs: 2 },
    ]);
    expect([...readDeleted(files, tree.backups)].map(({ path }) => path)).toEqual(['x', 'y']);
    writeFileSync(record, readFileSync(record, 'utf8').replace('"source"', '"sour'));
    expect(() => pruneBackups(machine, { backupRoot: tree.backups, policy: POLICY })).toThrow(
      expect.objectContaining({ code: 'SYS-0143' }),
    );
    expect(readCatalogue(files, tree.backups).backups).toHaveLength(2);
  });
});

describe('removing our own files', () => {
  it.each([
    'notes.txt',
    '../data/a.txt',
    '/etc/passwd',
    '',
    '.qts-ops-backup-root',
    'data-20261120T010203.045Z-456789ab.tar.gz/x',
    'data-20261120T010203.045Z-456789ab.files/../../data/a.txt',
  ])('refuses %j', async (name) => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUp(tree);
    expect(() => removeOwn(files, tree.backups, name)).toThrow(expect.objectContaining({ code: 'SYS-0144' }));
  });

  it('refuses a folder without the mark of a backup root', () => {
    using tree = sourceTree({ 'data-20261120T010203.045Z-456789ab.tar.gz': 'one' });
    expect(() => removeOwn(files, tree.source, 'data-20261120T010203.045Z-456789ab.tar.gz')).toThrow(
      expect.objectContaining({ code: 'SYS-0144' }),
    );
  });
});

it('a set of contents answers like a plain set', () => {
  const key = fc.tuple(fc.stringMatching(/^[ab]{0,2}$/), fc.constantFrom('a'.repeat(64), 'b'.repeat(64)));
  const step = fc.tuple(fc.boolean(), key);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const set = new ContentSet();
      const plain = new Set<string>();
      for (const [add, [path, sha256]] of steps) {
        if (add) {
          set.add(path, sha256);
          plain.add(path + sha256);
        } else expect(set.delete(path, sha256)).toBe(plain.delete(path + sha256));
        expect(set.has(path, sha256)).toBe(plain.has(path + sha256));
        expect(set.size).toBe(plain.size);
      }
    }),
  );
  const large = new ContentSet();
  for (let index = 0; index < 5_000; index++) large.add(`f${index}`, 'a'.repeat(64));
  expect(large.size).toBe(5_000);
  expect(
    Array.from({ length: 5_000 }, (_, index) => large.has(`f${index}`, 'a'.repeat(64))).every(Boolean),
  ).toBe(true);
});
