import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { FaultFiles, type FileCall, faultAt } from '../../testing/fault-files.ts';
import type { CrashLoss } from '../../testing/memory-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { archiveStrategy } from '../backup/archive-strategy.ts';
import { readCatalogue } from '../backup/backup-catalogue.ts';
import { verifyBackup } from '../backup/verify-backup.ts';
import { dataRetentionPolicy } from '../retention/named-policies.ts';
import { performMaintenance } from './maintenance-run.ts';

/** A slice; `sim/keep-properties.ts --crashes` takes every call. No divisor of the number of losses. */
const STRIDE = 4;

const OLD = ['raw/a.jsonl', 'raw/b.jsonl', 'raw/deep/c.jsonl'];

it.each(['expired-only', 'everything'] as const)(
  'whatever is gone after a death at any call and any loss of power is in a backup that verifies (%s)',
  async (backUp) => {
    const calls = await dieAt({ backUp, at: Number.MAX_SAFE_INTEGER, loss: 'keep' });
    expect(calls.length).toBeGreaterThan(100);
    for (let at = 1; at <= calls.length; at += STRIDE) {
      // One kind of loss for each call; neighbours have the others.
      await dieAt({ backUp, at, loss: (['lose', 'names', at] as const)[at % 3] ?? 'lose' });
    }
  },
);

interface Death {
  readonly backUp: 'expired-only' | 'everything';
  readonly at: number;
  readonly loss: CrashLoss;
}

/** One run that dies, what is left of it, and the next run, which brings the work to its end. */
async function dieAt({ backUp, at, loss }: Death): Promise<readonly FileCall[]> {
  const world = new KeepWorld();
  for (const path of OLD) world.put(path, 10);
  world.put('raw/new.jsonl', 1);
  const faults = new FaultFiles(world.files, faultAt(at, { kind: 'crash' }));
  const run = (files: FaultFiles | typeof world.files) =>
    performMaintenance(world.maintenanceServices(files), {
      runId: world.nextRunId(),
      ...{ dataRoot: '/data', backupRoot: '/backups', stateFolder: '/state', backUp },
      policy: dataRetentionPolicy(),
      strategy: archiveStrategy({ codec: 'store' }),
    });
  await run(faults).catch((error: unknown) => {
    if (!faults.dead) throw error;
  });
  world.files.crash(loss);
  await requireRestorable(world, `${backUp} ${at} ${String(loss)}`);
  await world.clock.advance(1000);
  const next = await run(world.files);
  expect(['completed', 'nothing_to_do'], `${at} ${String(loss)} ${next.error}`).toContain(next.status);
  expect(world.files.paths('/data')).toEqual(['raw/new.jsonl']);
  await requireRestorable(world, `next ${at} ${String(loss)}`);
  return faults.calls;
}

async function requireRestorable(world: KeepWorld, where: string): Promise<void> {
  const missing = new Set(OLD.filter((path) => !world.files.exists(`/data/${path}`)));
  if (missing.size === 0) return;
  const services = world.backupServices();
  for (const { id } of readCatalogue(world.files, '/backups').backups) {
    const request = { backupRoot: '/backups', id, runId: world.nextRunId(), record: false };
    const verified = await verifyBackup(services, request).catch(() => undefined);
    for (const path of missing) {
      if (verified?.covers(path)?.sha256 === digestOf(`content of ${path}\n`)) missing.delete(path);
    }
    verified?.close();
  }
  expect([...missing], where).toEqual([]);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
