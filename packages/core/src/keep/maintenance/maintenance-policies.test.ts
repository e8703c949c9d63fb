import { expect, it } from 'vitest';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import type { RetentionPolicy } from '../retention/retention-policy.ts';
import { cacheCleanupPolicy, logArchivePolicy } from './maintenance-policies.ts';
import { performMaintenance } from './maintenance-run.ts';

it('logs are packed into a verified archive and removed; the one being written stays', async () => {
  const world = new KeepWorld();
  for (const [name, days] of [
    ['app.log', 9],
    ['app.log.1', 10],
    ['app.log.2', 20],
    ['other.txt', 99],
  ] as const) {
    world.put(`logs/${name}`, days);
  }
  const report = await tidy(world, logArchivePolicy());
  expect(report.deletion.deleted.map((file) => file.path)).toEqual(['logs/app.log.1', 'logs/app.log.2']);
  expect(report.backup?.recordCount).toBe(2);
  expect(world.files.paths('/data')).toEqual(['logs/app.log', 'logs/other.txt']);
});

it('caches are cleaned up only through a verified backup too', async () => {
  const world = new KeepWorld();
  world.put('cache/old', 3);
  world.put('cache/new', 0.5);
  world.files.setMode('/backups', 0o500);
  expect((await tidy(world, cacheCleanupPolicy())).status).toBe('backup_failed');
  expect(world.files.paths('/data')).toHaveLength(2);
  world.files.setMode('/backups', 0o700);
  expect((await tidy(world, cacheCleanupPolicy())).deletion.deleted.map((file) => file.path)).toEqual([
    'cache/old',
  ]);
});

it('the log folder of the state may be tidied, the rest of the state may not', async () => {
  const world = new KeepWorld();
  world.files.put('/state/logs/old/run.log', 'x', { mtimeMs: 0 });
  world.files.put('/state/logs/old/new.log', 'x');
  const report = await tidy(world, logArchivePolicy(), '/state/logs');
  expect(report.deletion.deleted.map((file) => file.path)).toEqual(['old/run.log']);
  for (const dataRoot of ['/state', '/state/maintenance']) {
    await expect(tidy(world, logArchivePolicy(), dataRoot)).rejects.toMatchObject({ code: 'INP-0801' });
  }
});

function tidy(world: KeepWorld, policy: RetentionPolicy, dataRoot = '/data') {
  return performMaintenance(world.maintenanceServices(), {
    runId: world.nextRunId(),
    ...{ dataRoot, backupRoot: '/backups', stateFolder: '/state', backUp: 'expired-only' as const },
    ...{ policy, strategy: world.strategy },
  });
}
