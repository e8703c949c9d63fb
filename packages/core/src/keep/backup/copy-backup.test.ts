import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { archiveStrategy, incrementalStrategy } from './archive-strategy.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { parseBackupName } from './backup-names.ts';
import { copyBackup } from './copy-backup.ts';
import { fileStrategy } from './file-strategy.ts';

const machine = machineServices();
const { files } = machine;

describe('a second copy', () => {
  it.each([archiveStrategy({ codec: 'zstd' }), fileStrategy()])(
    'of a backup by $name is verified where it is',
    async (strategy) => {
      using tree = sourceTree({ 'a.txt': 'one', 'sub/deep/b.txt': 'two' });
      const { manifest } = await backUp(tree, { strategy });
      const toRoot = join(tree.folder, 'second');
      const request = { backupRoot: tree.backups, id: manifest.id, toRoot, runId: randomId() };
      const report = await copyBackup(machine, request);
      expect(report).toMatchObject({ copied: [manifest.id], sameDisk: true });
      expect(readCatalogue(files, toRoot)).toMatchObject({
        backups: [{ id: manifest.id, state: 'verified' }],
        leftovers: [],
      });
      expect(
        execFileSync('diff', [
          '-r',
          join(tree.backups, manifest.archiveName),
          join(toRoot, manifest.archiveName),
        ]).toString(),
      ).toBe('');
      expect((await copyBackup(machine, { ...request, expectedMark: report.mark })).copied).toEqual([]);
    },
  );

  it('of an incremental backup brings its ancestors along', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    const services = (minutes: number) =>
      machineServices({ clock: { ...machine.clock, now: () => machine.clock.now() + minutes * 60_000 } });
    const strategy = incrementalStrategy();
    const full = await backUp(tree, { strategy, services: services(1) });
    tree.write('b.txt', 'TWO');
    const next = await backUp(tree, { strategy, services: services(2) });
    const toRoot = join(tree.folder, 'second');
    const { copied } = await copyBackup(services(3), {
      backupRoot: tree.backups,
      id: next.manifest.id,
      toRoot,
      runId: randomId(),
    });
    expect(copied).toEqual([full.manifest.id, next.manifest.id]);
    expect(readCatalogue(files, toRoot).backups.map(({ state }) => state)).toEqual(['verified', 'verified']);
  });

  it('is an error when the original or the copy is damaged', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { manifest, names } = await backUp(tree);
    const toRoot = join(tree.folder, 'second');
    const request = { backupRoot: tree.backups, id: manifest.id, toRoot, runId: randomId() };
    await copyBackup(machine, request);
    writeFileSync(join(toRoot, names.archive), 'x');
    await expect(copyBackup(machine, request)).rejects.toMatchObject({ code: 'SYS-0104' });
    rmSync(toRoot, { recursive: true });
    writeFileSync(join(tree.backups, names.archive), 'x'.repeat(manifest.archiveBytes));
    await expect(copyBackup(machine, request)).rejects.toMatchObject({ code: 'SYS-0104' });
    expect(readCatalogue(files, toRoot).backups).toMatchObject([{ state: 'broken' }]);
  });

  it('leaves nothing with a final name when the second disk is full', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    const { manifest } = await backUp(tree, { strategy: fileStrategy() });
    const toRoot = join(tree.folder, 'second');
    const full: KeepFiles = {
      ...files,
      createNew(path, mode) {
        if (path.endsWith('b.txt')) throw Object.assign(new Error('ENOSPC: test'), { code: 'ENOSPC' });
        return files.createNew(path, mode);
      },
    };
    const request = { backupRoot: tree.backups, id: manifest.id, toRoot, runId: randomId() };
    await expect(copyBackup({ ...machine, files: full }, request)).rejects.toMatchObject({
      code: 'SYS-0141',
    });
    expect(readdirSync(toRoot).filter((name) => parseBackupName(name) !== undefined)).toEqual([]);
    const small: KeepFiles = { ...files, space: () => ({ freeBytes: 1, totalBytes: 2 }) };
    await expect(copyBackup({ ...machine, files: small }, request)).rejects.toMatchObject({
      code: 'SYS-0140',
    });
  });
});
