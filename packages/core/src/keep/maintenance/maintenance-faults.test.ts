import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { FaultFiles, type FileCall } from '../../testing/fault-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { archiveStrategy } from '../backup/archive-strategy.ts';
import { readCatalogue } from '../backup/backup-catalogue.ts';
import { makeBackup } from '../backup/backup-run.ts';
import { copyBackup } from '../backup/copy-backup.ts';
import { verifyBackup } from '../backup/verify-backup.ts';
import { dataRetentionPolicy } from '../retention/named-policies.ts';
import { performMaintenance } from './maintenance-run.ts';

const OLD = ['raw/a.jsonl', 'raw/b.jsonl'];
const WRITES = new Set<FileCall['name']>([
  ...(['createNew', 'openAppend', 'write', 'truncate', 'sync', 'close'] as const),
  ...(['rename', 'link', 'unlink', 'syncFolder', 'makeFolder'] as const),
]);
const CODES = ['ENOSPC', 'EIO', 'EROFS'] as const;

/** Of the calls between the first of each kind in each place, so many are passed over; 1 takes all. No divisor of the codes. */
const STRIDE = 10;

function sliceOf(writes: readonly FileCall[]): readonly FileCall[] {
  const kinds = new Set<string>();
  return writes.filter((call, nth) => {
    const kind = `${call.name} ${placeOf(call)}`;
    const isFirst = !kinds.has(kind);
    kinds.add(kind);
    return isFirst || nth % STRIDE === 0;
  });
}

/** What of the run a call belongs to. */
function placeOf({ path }: FileCall): string {
  const kinds: readonly (readonly [string, RegExp])[] = [
    ['second place', /^\/second/],
    ['manifest', /manifest\.jsonl/],
    ['verified.json', /verified\.json/],
    ['record of deletions', /deleted\.jsonl/],
    ['archive', /\.tar/],
    ['journal', /^\/state\/.*(journal|intent|deleting)/],
    ['cleanup log', /cleanup\.log/],
    ['guards', /guards\.json/],
  ];
  return kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other';
}

it.each([
  ['once', false],
  ['from then on', true],
] as const)(
  'any write, sync or close of a run may fail (%s): nothing goes that is not in a backup, and the next run ends the work',
  async (_, lasting) => {
    const calls = await failAt(Number.MAX_SAFE_INTEGER, lasting);
    const writes = calls.filter(({ name }) => WRITES.has(name));
    const places = new Set(writes.map(placeOf));
    expect([...places]).toEqual(
      expect.arrayContaining(['second place', 'manifest', 'verified.json', 'archive', 'cleanup log']),
    );
    expect(places).toContain('record of deletions');
    for (const { index } of sliceOf(writes)) await failAt(index, lasting);
  },
);

/** One run in which a call fails, and the next one, with everything well again. */
async function failAt(at: number, lasting: boolean): Promise<readonly FileCall[]> {
  const world = new KeepWorld();
  for (const path of OLD) world.put(path, 10);
  world.put('raw/new.jsonl', 1);
  const code = CODES[at % CODES.length] ?? 'EIO';
  const faults = new FaultFiles(world.files, ({ index, name }) => {
    const hit = index === at || (lasting && index > at && WRITES.has(name) && name !== 'close');
    return hit ? { kind: 'error', code } : undefined;
  });
  const where = () => `${at} ${code} ${JSON.stringify(faults.calls[at - 1] ?? '')}`;
  const ended = await run(world, faults).catch((error: unknown) => {
    expect(isOpsException(error), `${where()}: ${String(error)}`).toBe(true);
  });
  if (ended?.status === 'backup_failed') expect(ended.deletion.deleted, where()).toEqual([]);
  await requireRestorable(world, where());
  await world.clock.advance(1000);
  const next = await run(world, world.files);
  expect(['completed', 'nothing_to_do'], `${where()} ${next.error}`).toContain(next.status);
  expect(world.files.paths('/data'), where()).toEqual(['raw/new.jsonl']);
  await requireRestorable(world, `next ${where()}`);
  return faults.calls;
}

/** A run of maintenance with a second place. */
function run(world: KeepWorld, files: KeepFiles) {
  const services = world.maintenanceServices(files);
  const backup = world.backupServices(files);
  const runId = world.nextRunId();
  return performMaintenance(
    {
      ...services,
      async makeBackup(request) {
        const outcome = await makeBackup(backup, request);
        try {
          const { id } = outcome.manifest;
          await copyBackup(backup, { backupRoot: '/backups', id, toRoot: '/second', runId });
          return outcome;
        } catch (error) {
          outcome.verified?.close();
          throw error;
        }
      },
    },
    {
      ...{ runId, dataRoot: '/data', backupRoot: '/backups', stateFolder: '/state', copyRoots: ['/second'] },
      ...{ backUp: 'expired-only', policy: dataRetentionPolicy() },
      strategy: archiveStrategy({ codec: 'store' }),
    },
  );
}

/** What is gone stands in a backup of each place that verifies. */
async function requireRestorable(world: KeepWorld, where: string): Promise<void> {
  const gone = OLD.filter((path) => !world.files.exists(`/data/${path}`));
  if (gone.length === 0) return;
  const services = world.backupServices();
  for (const backupRoot of ['/backups', '/second']) {
    const missing = new Set(gone);
    for (const { id } of readCatalogue(world.files, backupRoot).backups) {
      const request = { backupRoot, id, runId: world.nextRunId(), record: false };
      const verified = await verifyBackup(services, request).catch(() => undefined);
      for (const path of gone)
        if (verified?.covers(path)?.sha256 === digestOf(`content of ${path}\n`)) missing.delete(path);
      verified?.close();
    }
    expect([...missing], `${where} ${backupRoot}`).toEqual([]);
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
