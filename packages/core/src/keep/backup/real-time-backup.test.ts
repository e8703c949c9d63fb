import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { loadFullManifest } from './manifest-file.ts';
import { RealTimeBackup } from './real-time-backup.ts';

const machine = machineServices();
const { files } = machine;

function watching(tree: SourceTree) {
  let aheadMs = 0;
  let monoMs = 0;
  const clock = {
    ...machine.clock,
    now: () => machine.clock.now() + aheadMs,
    mono: () => machine.clock.mono() + aheadMs + monoMs,
  };
  const services = machineServices({ clock });
  const options = {
    sourceRoot: tree.source,
    backupRoot: tree.backups,
    quietMs: 10_000,
    partialAfterMs: 60_000,
  };
  const start = () => new RealTimeBackup(services, options);
  let realTime = start();
  return {
    poll: () => realTime.poll(randomId()),
    pass: (ms: number) => {
      aheadMs += ms;
    },
    /** Time goes by in which the files are written to all the time. */
    passWriting: (ms: number) => {
      monoMs += ms;
    },
    restart: () => {
      realTime = start();
    },
    forgetCovered: async () => {
      const { verified } = await backUp(tree, { services });
      if (verified === undefined) throw new Error('not verified');
      return realTime.forgetCovered(verified);
    },
    batches: () => readCatalogue(files, realTime.root).backups,
    root: realTime.root,
  };
}

describe('real-time backup', () => {
  it('copies a file once it is complete, and again when it has changed', async () => {
    using tree = sourceTree({ 'a.jsonl': 'one' });
    const watch = watching(tree);
    expect(await watch.poll()).toEqual({ complete: [], partial: [] });
    watch.pass(10_001);
    expect(await watch.poll()).toMatchObject({ complete: ['a.jsonl'], partial: [] });
    expect(await watch.poll()).toEqual({ complete: [], partial: [] });
    const [batch] = watch.batches();
    expect(readFileSync(join(watch.root, batch?.names.archive ?? '', 'a.jsonl'), 'utf8')).toBe('one');
    expect(batch?.state).toBe('verified');
    tree.write('a.jsonl', 'one and two');
    watch.pass(10_001);
    expect((await watch.poll()).complete).toEqual(['a.jsonl']);
    expect(watch.batches()).toHaveLength(2);
  });

  it('does not copy again what it copied before it was started anew', async () => {
    using tree = sourceTree({ 'a.jsonl': 'one' });
    const watch = watching(tree);
    watch.pass(10_001);
    await watch.poll();
    watch.restart();
    expect(await watch.poll()).toEqual({ complete: [], partial: [] });
  });

  it('copies a file that never rests as far as it has come, marked as grown', async () => {
    using tree = sourceTree({ 'log.jsonl': 'one\n' });
    const watch = watching(tree);
    await watch.poll();
    appendFileSync(join(tree.source, 'log.jsonl'), 'two\n');
    watch.passWriting(59_000);
    expect(await watch.poll()).toEqual({ complete: [], partial: [] });
    watch.passWriting(1_001);
    expect(await watch.poll()).toMatchObject({ complete: [], partial: ['log.jsonl'] });
    const [batch] = watch.batches();
    const { entries } = loadFullManifest(files, join(watch.root, batch?.names.manifest ?? ''));
    expect(entries).toMatchObject([{ path: 'log.jsonl', size: 8, state: 'grown' }]);
    watch.pass(10_001);
    expect(await watch.poll()).toMatchObject({ complete: ['log.jsonl'], partial: [] });
  });

  it('forgets batches that a verified backup covers, and no others', async () => {
    using tree = sourceTree({ 'a.jsonl': 'one', 'b.jsonl': 'two' });
    const watch = watching(tree);
    watch.pass(10_001);
    await watch.poll();
    tree.write('a.jsonl', 'one and more');
    watch.pass(10_001);
    const { backupId } = await watch.poll();
    rmSync(join(tree.source, 'b.jsonl'));
    expect(await watch.forgetCovered()).toEqual([backupId]);
    const [left] = watch.batches();
    const { entries } = loadFullManifest(files, join(watch.root, left?.names.manifest ?? ''));
    expect(entries.map(({ path }) => path)).toEqual(['a.jsonl', 'b.jsonl']);
  });
});
