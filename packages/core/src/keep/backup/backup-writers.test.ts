import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { WRITER_SETTLES_MS } from './backup-writers.ts';
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
