import { expect, it } from 'vitest';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { explainPath } from '../retention/explain-path.ts';
import { dataRetentionPolicy } from '../retention/named-policies.ts';
import { previewMaintenance } from './maintenance-preview.ts';
import { performMaintenance } from './maintenance-run.ts';

const PLACES = { dataRoot: '/data', backupRoot: '/backups', stateFolder: '/state' };

it('a preview names what the next run deletes, and writes nothing', async () => {
  const world = desk();
  const before = world.files.paths('/');
  const request = { ...PLACES, policy: dataRetentionPolicy() };
  const preview = previewMaintenance(world.maintenanceServices(), request);
  expect(world.files.paths('/')).toEqual(before);
  expect(preview.kept.map((file) => file.path)).toEqual(['raw/new.jsonl']);
  const report = await performMaintenance(world.maintenanceServices(), {
    ...{ ...request, runId: world.nextRunId(), strategy: world.strategy, backUp: 'expired-only' as const },
  });
  expect(report.deletion.deleted.map((file) => file.path)).toEqual(
    preview.candidates.map((file) => file.path),
  );
});

it('a preview says when the next run would delete nothing, and why', async () => {
  const world = desk();
  const request = { ...PLACES, policy: dataRetentionPolicy() };
  await performMaintenance(world.maintenanceServices(), {
    ...{ ...request, runId: world.nextRunId(), strategy: world.strategy, backUp: 'expired-only' as const },
  });
  const policy = dataRetentionPolicy({ rawSnapshotDays: 1 });
  const preview = previewMaintenance(world.maintenanceServices(), { ...PLACES, policy });
  expect(preview).toMatchObject({ candidates: [], heldBack: expect.stringContaining('rules have changed') });
  expect(preview.deferred.map((file) => file.path)).toEqual(['raw/new.jsonl']);
});

it('one file is explained with its rules and its reason', () => {
  const world = desk();
  world.put('pattern/raw_1.jsonl', 10);
  const explain = (path: string) =>
    explainPath(
      world.files,
      {
        ...{ dataRoot: '/data', policy: dataRetentionPolicy(), nowMs: world.clock.now(), excluded: [] },
        heldBy: () => undefined,
      },
      path,
    );
  expect(explain('raw/old.jsonl')).toEqual({
    path: 'raw/old.jsonl',
    expired: true,
    reason: '10d00h old, kept 7d00h (raw)',
    rules: ['raw'],
  });
  expect(explain('pattern/raw_1.jsonl')).toMatchObject({ expired: false, rules: ['pattern', 'raw'] });
  expect(explain('none')).toBeUndefined();
});

function desk(): KeepWorld {
  const world = new KeepWorld();
  world.put('raw/old.jsonl', 10);
  world.put('raw/new.jsonl', 2);
  return world;
}
