import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import type { Clock } from '../../ports/clock.ts';
import { incrementalStrategy } from './archive-strategy.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { loadFullManifest } from './manifest-file.ts';
import { verifyBackup } from './verify-backup.ts';

const { files, clock: systemClock } = machineServices();

/** A clock that starts well after every file of the test was made and moves one minute with every backup. */
function laterClock(): Clock & { pass(ms: number): void } {
  let offsetMs = 60_000;
  return { ...systemClock, now: () => systemClock.now() + offsetMs, pass: (ms) => (offsetMs += ms) };
}

function chainOf(tree: SourceTree, options = {}) {
  const clock = laterClock();
  const services = machineServices({ clock });
  return {
    clock,
    services,
    async run(changes: { trustAncestorsForMs?: number } = {}) {
      const outcome = await backUp(tree, { services, strategy: incrementalStrategy(options), ...changes });
      clock.pass(60_000);
      return { ...outcome, entries: loadFullManifest(files, outcome.manifestPath).entries };
    },
  };
}

describe('incremental backups', () => {
  it('hold only what changed, and leave the rest to the backup that holds it', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two', 'c/d.txt': 'three' });
    const chain = chainOf(tree);
    const full = await chain.run();
    expect(full.manifest).toMatchObject({ depth: 0, holders: [] });
    tree.write('b.txt', 'TWO');
    tree.write('new.txt', 'x');
    rmSync(join(tree.source, 'c/d.txt'));
    const second = await chain.run();
    expect(second.manifest).toMatchObject({
      depth: 1,
      parent: full.manifest.id,
      holders: [full.manifest.id],
    });
    expect(second.entries.map(({ path, heldBy }) => [path, heldBy])).toEqual([
      ['a.txt', full.manifest.id],
      ['b.txt', undefined],
      ['new.txt', undefined],
    ]);
    const third = await chain.run();
    expect(third.manifest).toMatchObject({ depth: 2, parent: second.manifest.id, recordCount: 3 });
    expect(third.entries.map(({ heldBy }) => heldBy)).toEqual([
      full.manifest.id,
      second.manifest.id,
      second.manifest.id,
    ]);
    expect(third.verified?.covers('a.txt')).toMatchObject({ heldBy: full.manifest.id });
  });

  it('read a file again whose content changed behind the same size and time', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    const chain = chainOf(tree);
    await chain.run();
    const path = join(tree.source, 'a.txt');
    const { atime, mtime } = statSync(path);
    writeFileSync(path, 'ONE');
    utimesSync(path, atime, mtime);
    const { entries } = await chain.run();
    expect(entries.filter(({ heldBy }) => heldBy === undefined).map(({ path }) => path)).toEqual(['a.txt']);
  });

  it('read a file again that was changed just before the ancestor began', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const services = machineServices();
    const strategy = incrementalStrategy();
    await backUp(tree, { services, strategy });
    const { manifestPath } = await backUp(tree, { services, strategy });
    expect(loadFullManifest(files, manifestPath).entries[0]?.heldBy).toBeUndefined();
  });

  it('begin again with a full one after the longest chain', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const chain = chainOf(tree, { maxDepth: 2 });
    const depths: number[] = [];
    for (let run = 0; run < 5; run++) depths.push((await chain.run()).manifest.depth);
    expect(depths).toEqual([0, 1, 2, 0, 1]);
    expect(() => incrementalStrategy({ maxDepth: 8 })).toThrow(expect.objectContaining({ code: 'INP-0803' }));
  });

  it.each([
    ['a damaged ancestor', (path: string) => writeFileSync(path, flipped(readFileSync(path)))],
    ['a missing ancestor', (path: string) => renameSync(path, `${path}-away`)],
  ])('begin again with a full one after %s', async (_, spoil) => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    const chain = chainOf(tree);
    const full = await chain.run();
    tree.write('b.txt', 'TWO');
    await chain.run();
    spoil(join(tree.backups, full.names.archive));
    const next = await chain.run();
    expect(next.manifest.depth).toBe(0);
    expect(next.verified?.covers('a.txt')).toBeDefined();
  });

  it('read an ancestor again that was verified too long ago, and do not build on it when it rotted', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const chain = chainOf(tree, { reverifyAfterMs: 3_600_000 });
    const full = await chain.run();
    rotUnseen(join(tree.backups, full.names.archive));
    chain.clock.pass(3_600_000);
    const next = await chain.run();
    expect(next.manifest.depth).toBe(0);
    expect(readCatalogue(files, tree.backups).backups.map(({ state }) => state)).toEqual([
      'verified',
      'broken',
    ]);
  });

  it('verify as one: a rotten ancestor breaks all that builds on it', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const chain = chainOf(tree);
    const full = await chain.run();
    const next = await chain.run();
    rotUnseen(join(tree.backups, full.names.archive));
    const request = { backupRoot: tree.backups, id: next.manifest.id, runId: randomId() };
    await expect(verifyBackup(chain.services, request)).rejects.toMatchObject({ code: 'SYS-0104' });
  });

  it('cover only what was read when ancestors are trusted', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    const chain = chainOf(tree);
    await chain.run();
    tree.write('b.txt', 'TWO');
    const { verified } = await chain.run({ trustAncestorsForMs: 3_600_000 });
    expect(verified?.covers('b.txt')).toBeDefined();
    expect(verified?.covers('a.txt')).toBeUndefined();
  });
});

function flipped(bytes: Buffer): Buffer {
  const bad = Buffer.from(bytes);
  const middle = bad.length >> 1;
  bad[middle] = (bad[middle] ?? 0) ^ 1;
  return bad;
}

/** The content changes and the facts stay, as on a disk that forgets. */
function rotUnseen(path: string): void {
  const reference = join(dirname(path), '..', 'reference');
  execFileSync('cp', ['-p', path, reference]);
  writeFileSync(path, flipped(readFileSync(path)));
  execFileSync('touch', ['-r', reference, path]);
}
