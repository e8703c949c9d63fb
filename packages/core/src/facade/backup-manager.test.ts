import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceTree } from '../../test/source-tree.ts';
import { nodeKeepFiles } from '../adapters/files-node/keep-files.ts';
import { readCatalogue } from '../keep/backup/backup-catalogue.ts';
import { machineBackupServices, newRunId, withLockedRoot } from './backup-machine.ts';
import { BackupManager, buildBackupPlan, runBackup } from './backup-manager.ts';
import { ArchiveBackupStrategy, FileBackupStrategy, IncrementalBackupStrategy } from './backup-strategies.ts';

describe('BackupManager', () => {
  it('Given 3 files in 2 dirs, when backup runs, then a .tar.gz exists, a manifest exists, record_count=3, checksum set, members are relative paths.', async () => {
    using tree = sourceTree({ 'raw/a.jsonl': '1', 'raw/b.jsonl': '2', 'decision/c.jsonl': '3' });
    const manifest = await new BackupManager(tree.source, tree.backups).run();
    const archive = join(tree.backups, manifest.archiveName);
    expect(manifest.archiveName).toMatch(/\.tar\.gz$/);
    expect(existsSync(archive)).toBe(true);
    const name = readdirSync(tree.backups).find((entry) => entry.endsWith('.manifest.jsonl')) ?? '';
    const lines = readFileSync(join(tree.backups, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual(
      expect.arrayContaining([expect.objectContaining({ record_count: 3, checksum: manifest.checksum })]),
    );
    expect(lines[0]).toMatchObject({
      backup_at: manifest.backupAt,
      source: tree.source,
      archive_name: manifest.archiveName,
    });
    expect(manifest).toMatchObject({ recordCount: 3, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const members = execFileSync('tar', ['tzf', archive]).toString().trimEnd().split('\n');
    expect(members).toEqual(['decision/c.jsonl', 'raw/a.jsonl', 'raw/b.jsonl']);
    const [digest] = execFileSync('sha256sum', [archive]).toString().split(' ');
    expect(digest).toBe(manifest.checksum);
  });

  it('lists in a dry run what it would take, and writes nothing', () => {
    using tree = sourceTree({ 'raw/a.jsonl': '1', 'decision/c.jsonl': '3', '.env': 'x' });
    const manager = new BackupManager(tree.source, tree.backups);
    expect(manager.dryRun()).toEqual(['.env', 'decision/c.jsonl', 'raw/a.jsonl']);
    const some = new BackupManager(tree.source, tree.backups, { includeGlobs: ['raw/**'] });
    expect(some.dryRun()).toEqual(['raw/a.jsonl']);
    expect(existsSync(tree.backups)).toBe(false);
  });

  it('tells a failure in its result, with its code', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const manager = new BackupManager(tree.source, tree.backups);
    const { success, backupRoot, manifestPath, error } = await manager.runWithResult();
    expect({ success, error }).toEqual({ success: true, error: undefined });
    expect([backupRoot, manifestPath].map((path) => existsSync(path ?? ''))).toEqual([true, true]);
    rmSync(join(tree.source, 'a.txt'));
    const failed = await manager.runWithResult();
    expect(failed).toEqual({ success: false, error: expect.stringMatching(/^BAT-0502: source /) });
    await expect(manager.run()).rejects.toMatchObject({ code: 'BAT-0502' });
    expect(readCatalogue(nodeKeepFiles(), tree.backups).backups).toHaveLength(1);
  });

  it.each([
    new ArchiveBackupStrategy({ codec: 'zstd' }),
    new FileBackupStrategy(),
    new IncrementalBackupStrategy(),
  ])('uses the strategy that it is given: $name', async (strategy) => {
    using tree = sourceTree({ 'a.txt': '1' });
    const manifest = await new BackupManager(tree.source, tree.backups, { strategy }).run();
    expect(manifest).toMatchObject({ strategy: strategy.name, codec: strategy.codec });
  });

  it('makes the backup of a plan', async () => {
    using tree = sourceTree({ 'raw/a.jsonl': '1', 'decision/c.jsonl': '3' });
    const plan = buildBackupPlan(tree.source, tree.backups, ['raw/**']);
    tree.write('raw/later.jsonl', '2');
    const { manifest } = await runBackup(plan, { strategy: new FileBackupStrategy() });
    expect(manifest).toMatchObject({ recordCount: 1, planHash: plan.planHash, globs: ['raw/**'] });
  });

  it('leaves no backup root behind for a source that is not there', async () => {
    using tree = sourceTree();
    await expect(new BackupManager(join(tree.folder, 'absent'), tree.backups).run()).rejects.toMatchObject({
      code: 'BAT-0501',
    });
    expect(existsSync(tree.backups)).toBe(false);
  });

  it('is refused while another run holds the backup root, and names it', async () => {
    using tree = sourceTree({ 'a.txt': '1' });
    const request = { backupRoot: tree.backups, runId: newRunId() };
    await withLockedRoot(machineBackupServices(), request, async () => {
      await expect(new BackupManager(tree.source, tree.backups).run()).rejects.toMatchObject({
        code: 'SYS-0126',
      });
    });
    const manifest = await new BackupManager(tree.source, tree.backups).run();
    expect(basename(manifest.source)).toBe('data');
  });
});
