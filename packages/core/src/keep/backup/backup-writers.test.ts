import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { readCatalogue } from './backup-catalogue.ts';
import type { BackupOutcome } from './backup-run.ts';
import { WRITER_SETTLES_MS } from './backup-writers.ts';
import { recordDeleted } from './deleted-content.ts';
import { SILENT_MS } from './forgetting-machines.ts';
import { loadFullManifest } from './manifest-file.ts';
import { type PruneReport, pruneBackups } from './prune-backups.ts';

const machine = machineServices();
const POLICY = { keepLast: 2, minimumCount: 1 };
const DAY_MS = 86_400_000;
const startMs = machine.clock.now();

/** One backup a day, by these machines in turn. */
async function backUpDaily(tree: SourceTree, hosts: readonly string[]): Promise<void> {
  for (const [day, host] of hosts.entries()) await backUp(tree, { services: on(day, host) });
}

function on(day: number, host = 'desk-1') {
  return machineServices({ host, clock: { ...machine.clock, now: () => startMs + day * DAY_MS } });
}

function prune(tree: SourceTree, day: number, dryRun = false): PruneReport {
  return pruneBackups(on(day), { backupRoot: tree.backups, policy: POLICY, dryRun });
}

/** The file goes from the source of a machine, on the strength of the backup it made. */
function deleteNoted(tree: SourceTree, { manifest, manifestPath }: BackupOutcome, host?: string): void {
  for (const { path, sha256 } of loadFullManifest(machine.files, manifestPath).entries) {
    const deleted = { source: tree.source, path, sha256, deletedAtMs: manifest.startedAtMs };
    recordDeleted(machine.files, tree.backups, [{ ...deleted, ...(host === undefined ? {} : { host }) }]);
  }
}

function forget(tree: SourceTree, day: number, host: string): readonly string[] {
  const request = { backupRoot: tree.backups, policy: POLICY, mayForget: () => true };
  pruneBackups(on(day, host), request);
  return left(tree);
}

function left(tree: SourceTree): readonly string[] {
  return readCatalogue(machine.files, tree.backups).backups.map(({ manifest }) => manifest?.host ?? '');
}

describe('machines that write the same set into one root', () => {
  it('are pruned each for itself while both write', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    // One backs up now and then, the other every day.
    await backUpDaily(tree, ['slow', 'busy', 'slow', 'busy', 'busy', 'busy', 'slow', 'busy', 'busy', 'busy']);
    const { machines } = prune(tree, 60);
    expect(machines).toEqual(['busy', 'slow']);
    expect(left(tree)).toEqual(['busy', 'busy', 'slow', 'slow']);
  });

  it('are one when the other took its place, however often: nothing piles up', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUpDaily(tree, ['pod-1', 'pod-1', 'pod-2', 'pod-3', 'pod-4', 'pod-4', 'pod-5']);
    const { machines } = prune(tree, 60);
    expect(machines).toEqual([]);
    expect(left(tree)).toEqual(['pod-5', 'pod-4']);
  });

  it('keep the newest of one that has not written since the other came, for eight days', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUpDaily(tree, ['weekly', 'weekly', 'new', 'new', 'new']);
    prune(tree, 5);
    expect(left(tree)).toEqual(['new', 'new', 'weekly']);
    const settled = 1 + WRITER_SETTLES_MS / DAY_MS;
    expect(prune(tree, settled, true).removed).toHaveLength(1);
    // It writes again in time, and from then on counts for itself.
    await backUp(tree, { services: on(settled - 1, 'weekly') });
    await backUp(tree, { services: on(settled, 'new') });
    expect(prune(tree, 60).machines).toEqual(['new', 'weekly']);
    expect(left(tree)).toEqual(['new', 'weekly', 'new', 'weekly']);
  });
});

describe('the last copy of what a machine deleted', () => {
  it('goes by the rules of that machine only, while another writes backups of the same name', async () => {
    using tree = sourceTree({ 'gone.txt': 'only here' });
    const only = await backUp(tree, { services: on(0, 'a') });
    deleteNoted(tree, only, 'a');
    rmSync(join(tree.source, 'gone.txt'));
    writeFileSync(join(tree.source, 'kept.txt'), 'still there');
    await backUpDaily(tree, ['b', 'a', 'b', 'a', 'b', 'a']);
    expect(forget(tree, 100, 'b')).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(forget(tree, 100, 'c')).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(forget(tree, 100, 'a')).toEqual(['a', 'b', 'a', 'b']);
  });

  it('goes by the rules of the one that took its place, once it has been silent for five weeks', async () => {
    using tree = sourceTree({ 'gone.txt': 'only here' });
    const only = await backUp(tree, { services: on(0, 'old') });
    deleteNoted(tree, only, 'old');
    deleteNoted(tree, only);
    rmSync(join(tree.source, 'gone.txt'));
    writeFileSync(join(tree.source, 'kept.txt'), 'still there');
    for (const day of [1, 2, 3]) await backUp(tree, { services: on(day, 'new') });
    const silent = SILENT_MS / DAY_MS;
    expect(forget(tree, silent - 1, 'new')).toEqual(['new', 'new', 'old']);
    expect(forget(tree, silent, 'new')).toEqual(['new', 'new']);
  });
});
