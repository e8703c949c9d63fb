import { beforeEach, describe, expect, it } from 'vitest';
import { makeBackup } from '../keep/backup/backup-run.ts';
import type { VerifiedBackup } from '../keep/backup/verify-backup.ts';
import { KeepWorld } from '../testing/memory-files-keep.ts';
import { DatasetScanner } from './dataset-scanner.ts';
import { executeCleanup, keptText, planCleanup, RetentionCleaner, scanExpired } from './retention-cleaner.ts';
import { type AnyRetentionPolicy, DataRetentionPolicy, FileRetentionPolicy } from './retention-policies.ts';

let world: KeepWorld;

beforeEach(() => {
  world = new KeepWorld();
  world.put('raw/old.jsonl', 10);
  world.put('raw/new.jsonl', 2);
});

describe('the cleaner of the specification', () => {
  it('lists only the old one of two raw files, and both still exist (acceptance 14)', () => {
    expect(paths(cleaner().dryRun(scan()))).toEqual(['raw/old.jsonl']);
    expect(world.files.paths('/data')).toHaveLength(2);
  });

  it('lets patterns expire by their own days and decisions never (acceptance 15)', () => {
    world.put('pattern/p.jsonl', 10);
    world.put('decision/d.jsonl', 100);
    const policy = new DataRetentionPolicy({ patternRecordDays: 5, rawSnapshotDays: null });
    expect(paths(cleaner(policy).dryRun(scan()))).toEqual(['pattern/p.jsonl']);
  });

  it('deletes with permission only the expired files, and returns them (acceptance 16)', async () => {
    const files = scan();
    const gone = cleaner().apply(files, { allowDelete: true, backup: await backUp() });
    expect(paths(gone)).toEqual(['raw/old.jsonl']);
    expect(world.files.paths('/data')).toEqual(['raw/new.jsonl']);
  });

  it('returns without permission the expired files, and deletes nothing (acceptance 17)', () => {
    expect(paths(cleaner().apply(scan()))).toEqual(['raw/old.jsonl']);
    expect(world.files.paths('/data')).toHaveLength(2);
  });

  it('refuses to delete without a verified backup, and with a look-alike', async () => {
    expect(() => cleaner().apply(scan(), { allowDelete: true })).toThrow('missing or not verified');
    const copy = { ...(await backUp()) } as unknown as VerifiedBackup;
    expect(() => cleaner().apply(scan(), { allowDelete: true, backup: copy })).toThrow('not verified');
    expect(() => executeCleanup({ backup: copy, removable: [], kept: [] })).toThrow(
      'without a verified backup',
    );
    expect(world.files.paths('/data')).toHaveLength(2);
  });

  it('keeps a file that was rewritten after the backup, and says so (acceptance 28)', async () => {
    const files = scan();
    const backup = await backUp();
    await world.clock.advance(1000);
    world.files.append('/data/raw/old.jsonl', 'more');
    const report = cleaner().applyWithReport(files, { backup });
    expect(report.deleted).toEqual([]);
    expect(report.kept.map(({ reason }) => keptText(reason))).toEqual(['changed since the backup: size']);
  });

  it('has a reason for every file that stays', () => {
    world.put('other', 100);
    const { keptFiles } = cleaner().judge(scan());
    expect(keptFiles.map(({ path, reason }) => `${path}: ${keptText(reason)}`)).toEqual([
      'other: no rule names it',
      'raw/new.jsonl: 2d00h old, kept 7d00h (raw)',
    ]);
  });

  it('plans and executes in steps of the specification', async () => {
    const { files, clock } = world;
    const policy = new FileRetentionPolicy({ ttlDays: 7, includeGlobs: ['raw/**'] });
    const { expired } = scanExpired({ dataRoot: '/data', policy, files, clock });
    const report = executeCleanup(planCleanup(expired, await backUp()), {
      files,
      clock,
      stateFolder: '/state',
    });
    expect(report.deleted.map((file) => file.path)).toEqual(['raw/old.jsonl']);
  });
});

function cleaner(policy: AnyRetentionPolicy = new DataRetentionPolicy()): RetentionCleaner {
  return new RetentionCleaner(policy, { files: world.files, clock: world.clock });
}

function scan() {
  return new DatasetScanner('/data', { files: world.files }).scan();
}

async function backUp(): Promise<VerifiedBackup> {
  const { verified } = await makeBackup(world.backupServices(), {
    ...{ runId: world.nextRunId(), sourceRoot: '/data', backupRoot: '/backups', strategy: world.strategy },
  });
  if (verified === undefined) throw new Error('the backup was not verified');
  return verified;
}

function paths(files: ReadonlyArray<{ readonly path: string }>): readonly string[] {
  return files.map((file) => file.path);
}
