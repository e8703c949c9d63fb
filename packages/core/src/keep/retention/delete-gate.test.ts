import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { FaultFiles, faultAt } from '../../testing/fault-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { makeBackup } from '../backup/backup-run.ts';
import type { VerifiedBackup } from '../backup/verify-backup.ts';
import { planCleanup } from './cleanup-plan.ts';
import { executeCleanup } from './delete-gate.ts';
import { type DeleteJournal, openJournal, readUnconfirmed } from './delete-journal.ts';
import type { DeleteRequest } from './delete-request.ts';
import { dataRetentionPolicy } from './named-policies.ts';
import type { ExpiredFile } from './retention-policy.ts';
import { scanExpired } from './scan-expired.ts';

let world: KeepWorld;
let backup: VerifiedBackup;
let expired: readonly ExpiredFile[];

beforeEach(async () => {
  world = new KeepWorld();
  for (const name of ['a', 'b', 'c']) world.put(`raw/${name}`, 10);
  ({ backup, expired } = await backUp(world));
});

describe('a proof of a backup', () => {
  it('cannot be made by anything but verification', () => {
    const like = {
      backupId: backup.backupId,
      runId: backup.runId,
      sourceRoot: '/data',
      backupRoot: '/backups',
      planHash: '',
      manifestSha256: '',
      manifest: backup.manifest,
      verifiedAtMs: 0,
      covers: () => undefined,
      stillStands: () => true,
      isFresh: () => true,
      claim: () => true,
      close: () => undefined,
    };
    expectTypeOf(like).not.toExtend<VerifiedBackup>();
    expectTypeOf({ ...backup }).not.toExtend<VerifiedBackup>();
    // @ts-expect-error a look-alike is no proof
    planCleanup([], like);
    // @ts-expect-error neither is a copy
    planCleanup([], { ...backup });
    // @ts-expect-error nor what was read from a file
    planCleanup([], JSON.parse('{}') as object);
  });

  it('is of one run, one folder and for one deletion', () => {
    expect(() => execute({ runId: world.nextRunId() })).toThrow(/is of run/);
    world.files.makeFolder('/elsewhere', 0o755);
    expect(() => execute({ dataRoot: '/elsewhere' })).toThrow(/is of \/data; this is \/elsewhere/);
    expect(execute().deleted).toHaveLength(3);
    expect(() => execute()).toThrow(/was used for a deletion before/);
  });

  it('is of no use any more after a quarter of an hour', async () => {
    await world.clock.advance(16 * 60_000);
    const report = execute();
    expect(report).toMatchObject({ deleted: [], stopped: { code: 'BAT-0528' } });
    expect(report.kept.map((file) => file.reason.why)).toEqual(['proof-old', 'proof-old', 'proof-old']);
  });
});

describe('the delete gate', () => {
  it('keeps paths that lead elsewhere, whatever the plan says', () => {
    const plan = planCleanup(expired, backup);
    const [first] = expired;
    if (first === undefined) throw new Error('nothing expired');
    const bad = ['../data/raw/a', '/data/raw/a', 'raw//a', 'raw/./a', 'raw/a\0'].map((path) => ({
      ...first,
      path,
    }));
    const report = execute({ plan: { ...plan, removable: bad } });
    expect(report.deleted).toEqual([]);
    expect(report.kept.map((file) => file.reason.why)).toEqual(bad.map(() => 'outside-root'));
  });

  it('keeps what was held since the plan was made', () => {
    const report = execute({ heldBy: (path) => (path === 'raw/a' ? 'case 7' : undefined) });
    expect(report.deleted.map((file) => file.path)).toEqual(['raw/b', 'raw/c']);
    expect(report.kept).toEqual([{ path: 'raw/a', size: 17, reason: { why: 'held', detail: 'case 7' } }]);
  });

  it('says in the journal what it is about to delete before it does', () => {
    let announced: readonly string[] = [];
    const order: string[] = [];
    const journal: DeleteJournal = {
      intend: (batch) => {
        announced = batch.map((intent) => intent.path);
        order.push(`intend ${world.files.paths('/data').length}`);
      },
      record: () => order.push(`record ${world.files.paths('/data').length}`),
      close: () => undefined,
    };
    execute({}, journal);
    expect(announced).toEqual(['raw/a', 'raw/b', 'raw/c']);
    expect(order).toEqual(['intend 3', 'record 0']);
  });

  it('deletes nothing when the journal cannot be written', () => {
    world.files.setMode('/state', 0o500);
    const report = execute();
    expect(report).toMatchObject({ deleted: [], stopped: { code: 'SYS-0161' } });
    expect(world.files.paths('/data')).toHaveLength(3);
  });

  it('stops when the backup vanishes between two batches', async () => {
    for (let index = 0; index < 600; index += 1) world.put(`raw/more-${String(index).padStart(3, '0')}`, 10);
    ({ backup, expired } = await backUp(world));
    const journal = openJournal(world.files, place());
    const report = execute(
      {},
      {
        ...journal,
        record(results) {
          journal.record(results);
          world.files.unlink(`/backups/${backup.manifest.archiveName}`);
        },
      },
    );
    expect(report.deleted).toHaveLength(500);
    expect(report).toMatchObject({ stopped: { code: 'BAT-0526' } });
    expect(world.files.paths('/data')).toHaveLength(103);
  });

  it('makes every deletion durable before the journal says that it is done', () => {
    execute();
    world.files.crash('lose');
    expect(world.files.paths('/data')).toEqual([]);
    expect(readUnconfirmed(world.files, place())).toEqual([]);
  });

  it('leaves a trace of every file that is gone, at whatever call the process dies', async () => {
    const calls = await deleteWithCrashAt(Number.MAX_SAFE_INTEGER);
    expect(calls).toBeGreaterThan(30);
    for (let at = 1; at <= calls; at += 1) await deleteWithCrashAt(at);
  });
});

/** Deletes with the death of the process at a call, then looks at what a loss of power leaves. */
async function deleteWithCrashAt(at: number): Promise<number> {
  const loss = (['lose', 'names', 'keep', at] as const)[at % 4] ?? 'lose';
  world = new KeepWorld();
  for (const name of ['a', 'b', 'c']) world.put(`raw/${name}`, 10);
  ({ backup, expired } = await backUp(world));
  const faults = new FaultFiles(world.files, faultAt(at, { kind: 'crash' }));
  const plan = planCleanup(expired, backup);
  try {
    executeCleanup(faults, request({ plan }), openJournal(faults, place()));
  } catch (error) {
    if (!faults.dead) throw error;
  }
  world.files.crash(loss);
  const announced = readUnconfirmed(world.files, place()).map((intent) => intent.path);
  const journal = world.files.paths('/state').find((path) => path.includes('deletions'));
  const told = journal === undefined ? '' : world.files.text(`/state/${journal}`);
  for (const { path } of expired.filter((file) => !world.files.exists(`/data/${file.path}`))) {
    const confirmed = told.includes(`"deleted","path":"${path}"`);
    expect(confirmed || announced.includes(path), `${at} ${loss} ${path}`).toBe(true);
  }
  return faults.calls.length;
}

async function backUp(of: KeepWorld) {
  const runId = of.nextRunId();
  const { verified } = await makeBackup(of.backupServices(), {
    ...{ runId, sourceRoot: '/data', backupRoot: '/backups', strategy: of.strategy },
  });
  if (verified === undefined) throw new Error('the backup was not verified');
  const judgement = scanExpired(of.files, {
    ...{ dataRoot: '/data', policy: dataRetentionPolicy(), nowMs: of.clock.now(), excluded: [] },
    heldBy: () => undefined,
  });
  return { backup: verified, expired: judgement.expired };
}

function place() {
  return { stateFolder: '/state', dataRoot: '/data', runId: backup.runId, backupId: backup.backupId };
}

function request(changes: Partial<DeleteRequest>): DeleteRequest {
  return {
    plan: planCleanup(expired, backup),
    runId: backup.runId,
    dataRoot: '/data',
    nowMs: world.clock.now(),
    heldBy: () => undefined,
    deleteVerifiedSubset: false,
    ...changes,
  };
}

function execute(changes: Partial<DeleteRequest> = {}, journal = openJournal(world.files, place())) {
  return executeCleanup(world.files, request(changes), journal);
}
