import { describe, expect, it } from 'vitest';
import { worldRestoreServices } from '../../../test/restore-machine.ts';
import type { KeepLocks } from '../../ports/keep-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { performMaintenance } from '../maintenance/maintenance-run.ts';
import { endHold, readHeld } from '../retention/holds-file.ts';
import { dataRetentionPolicy } from '../retention/named-policies.ts';
import { restoreBackup } from './restore-backup.ts';
import type { RestoreRequest } from './restore-request.ts';

const DAY_MS = 86_400_000;

function maintain(world: KeepWorld, services = world.maintenanceServices()) {
  return performMaintenance(services, {
    ...{ runId: world.nextRunId(), dataRoot: '/data', backupRoot: '/backups', stateFolder: '/state' },
    ...{ policy: dataRetentionPolicy(), backUp: 'expired-only', strategy: world.strategy },
  });
}

/** Services that tell which locks were taken, in their order. */
function tellingLocks<S extends { readonly locks: KeepLocks }>(services: S) {
  const taken: string[] = [];
  const { locks } = services;
  const take: KeepLocks['take'] = (file, owner) => {
    taken.push(file);
    return locks.take(file, owner);
  };
  return { taken, services: { ...services, locks: { take } } };
}

function restore(
  world: KeepWorld,
  request: Partial<RestoreRequest> & { readonly id: string },
  services = worldRestoreServices(world),
) {
  return restoreBackup(services, {
    ...{ runId: world.nextRunId(), backupRoot: '/backups', target: { kind: 'in-place' } },
    hold: { stateFolder: '/state', dataRoot: '/data', owner: 'kim' },
    ...request,
  });
}

describe('restored files', () => {
  it(
    'given a restore, then checksum is verified, the tree is bit-identical, and the next run does not delete ' +
      'restored files (acceptance 32)',
    async () => {
      const world = new KeepWorld();
      world.put('raw/old [1].jsonl', 10, 'precious');
      world.put('raw/new.jsonl', 2);
      const before = world.files.paths('/data').map((path) => [path, world.files.text(`/data/${path}`)]);
      const { deletion, backup } = await maintain(world);
      expect(deletion.deleted.map(({ path }) => path)).toEqual(['raw/old [1].jsonl']);
      const report = await restore(world, { id: backup?.id ?? '' });
      expect(report).toMatchObject({ proof: 'digest', writtenFiles: 1, outcome: 'complete' });
      expect(world.files.paths('/data').map((path) => [path, world.files.text(`/data/${path}`)])).toEqual(
        before,
      );
      expect(world.files.facts('/data/raw/old [1].jsonl')?.mtimeNs).toBe(
        BigInt(world.clock.now() - 10 * DAY_MS) * 1_000_000n,
      );
      await world.clock.advance(DAY_MS);
      expect((await maintain(world)).deletion.deleted).toEqual([]);
      expect(world.files.exists('/data/raw/old [1].jsonl')).toBe(true);
      // It is the hold that keeps it: without it the rules apply again.
      for (const id of report.holdIds) {
        endHold(world.files, '/state', { id, reason: 'read', operator: 'kim', nowMs: world.clock.now() });
      }
      await world.clock.advance(DAY_MS);
      const last = await maintain(world);
      expect(last.deletion.deleted.map(({ path }) => path)).toContain('raw/old [1].jsonl');
    },
  );

  it('are written under the locks of a maintenance run, taken in its order: neither can wait for the other', async () => {
    const world = new KeepWorld();
    world.put('raw/old.jsonl', 10, 'precious');
    const maintenance = tellingLocks(world.maintenanceServices());
    const { backup } = await maintain(world, maintenance.services);
    const restoring = tellingLocks(worldRestoreServices(world));
    await restore(world, { id: backup?.id ?? '' }, restoring.services);
    expect(restoring.taken).toHaveLength(2);
    expect(restoring.taken).toEqual(maintenance.taken);
  });

  it('are held only where they were written, and for 30 days unless asked otherwise', async () => {
    const world = new KeepWorld();
    for (let day = 8; day < 12; day += 1) world.put(`raw/${day}.jsonl`, day);
    const { backup } = await maintain(world);
    const id = backup?.id ?? '';
    await restore(world, { id, selection: { paths: ['raw/9.jsonl'] } });
    const held = () => readHeld(world.files, '/state', world.clock.now());
    expect(held().heldBy('raw/9.jsonl')).toContain(`restored from backup ${id} (kim`);
    expect(held().heldBy('raw/8.jsonl')).toBeUndefined();
    const again = await restore(world, { id, selection: { paths: ['raw/9.jsonl'] } });
    expect(again).toMatchObject({ unchangedFiles: 1, holdIds: [] });
    await world.clock.advance(30 * DAY_MS);
    expect(held().heldBy('raw/9.jsonl')).toBeUndefined();
    const forEver = {
      stateFolder: '/state',
      dataRoot: '/data',
      owner: 'kim',
      forMs: 'until-released',
    } as const;
    await restore(world, { id, selection: { paths: ['raw/10.jsonl'] }, hold: forEver });
    await world.clock.advance(3000 * DAY_MS);
    expect(held().heldBy('raw/10.jsonl')).toContain('restored');
  });

  it('are held below the data set under the path they have there, and nowhere else', async () => {
    const world = new KeepWorld();
    world.put('raw/8.jsonl', 8);
    const { backup } = await maintain(world);
    const id = backup?.id ?? '';
    const inside = await restore(world, { id, target: { kind: 'folder', folder: '/data/raw/again' } });
    expect(inside.holdIds).toHaveLength(1);
    const held = readHeld(world.files, '/state', world.clock.now());
    expect(held.heldBy('raw/again/raw/8.jsonl')).toContain('restored');
    const outside = await restore(world, { id, target: { kind: 'folder', folder: '/elsewhere' } });
    expect(outside.holdIds).toEqual([]);
  });
});
