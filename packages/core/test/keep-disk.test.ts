import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { randomId } from '../src/adapters/clock-system/random-id.ts';
import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { nodeKeepLocks } from '../src/adapters/files-node/keep-lock.ts';
import { archiveStrategy } from '../src/keep/backup/archive-strategy.ts';
import { parseBackupName } from '../src/keep/backup/backup-names.ts';
import { makeBackup } from '../src/keep/backup/backup-run.ts';
import { performMaintenance } from '../src/keep/maintenance/maintenance-run.ts';
import { dataRetentionPolicy } from '../src/keep/retention/named-policies.ts';
import { FaultFiles } from '../src/testing/fault-files.ts';
import { machineServices } from './machine-services.ts';
import { canMount, tmpfs } from './small-disk.ts';
import { type SourceTree, sourceTree } from './source-tree.ts';

const STARTERS = 8;
const OLD = 'raw/old.bin';
const MEBIBYTE = 2 ** 20;

describe('a disk of backups that is too small', () => {
  it.skipIf(!canMount())(
    'makes the run fail with nothing deleted and nothing with a final name, and the next run with room is clean (needs root for a tmpfs)',
    async () => {
      using tree = oldTree();
      using disk = tmpfs(join(tree.folder, 'disk'), '1m');
      const before = await maintain(tree, disk.path);
      expect(before).toMatchObject({ status: 'backup_failed', error: expect.stringContaining('SYS-0140') });
      const blind = await maintain(tree, disk.path, hidingSpace());
      expect(blind).toMatchObject({ status: 'backup_failed', error: expect.stringContaining('SYS-0141') });
      for (const { deletion } of [before, blind])
        expect(deletion).toMatchObject({ executed: false, deleted: [] });
      expect(existsSync(join(tree.source, OLD))).toBe(true);
      expect(readdirSync(disk.path).filter((name) => parseBackupName(name) !== undefined)).toEqual([]);
      disk.resize('100m');
      expect(await maintain(tree, disk.path)).toMatchObject({ status: 'completed', exitCode: 0 });
      expect(existsSync(join(tree.source, OLD))).toBe(false);
    },
  );
});

it(`of ${STARTERS} processes that clean up one data set at once exactly one runs`, async () => {
  using tree = oldTree();
  const release = join(tree.folder, 'release');
  const outcomes: string[] = [];
  const ended = Array.from({ length: STARTERS }, () => start(tree));
  await Promise.all(
    ended.map(async (outcome) => {
      outcomes.push(await outcome);
      // The one that runs holds its locks until all others were turned away.
      if (outcomes.length === STARTERS - 1) writeFileSync(release, '');
    }),
  );
  expect(outcomes.toSorted()).toEqual([
    ...Array.from({ length: STARTERS - 1 }, () => 'SYS-0126'),
    'completed',
  ]);
  expect(existsSync(join(tree.source, OLD))).toBe(false);
  expect(readdirSync(tree.backups).filter((name) => name.endsWith('.tar.gz'))).toHaveLength(1);
});

/** What a process that starts at once with the others says in the end. */
function start(tree: SourceTree): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=@qts-ops/source', join(import.meta.dirname, 'keep-starter.ts'), tree.folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve) => {
    let last = 'nothing';
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      last = line;
    });
    lines.on('close', () => resolve(last));
  });
}

/** Eight mebibytes that do not shrink, last changed ten days ago. */
function oldTree(): SourceTree {
  const tree = sourceTree({ [OLD]: randomBytes(8 * MEBIBYTE), 'raw/new.txt': 'new' });
  const atS = Date.now() / 1000 - 10 * 86_400;
  utimesSync(join(tree.source, OLD), atS, atS);
  return tree;
}

function maintain(tree: SourceTree, backupRoot: string, files = nodeKeepFiles()) {
  const services = machineServices({ files });
  return performMaintenance(
    {
      ...services,
      locks: nodeKeepLocks(),
      lockOwner: { pid: process.pid, host: 'desk-1', bootId: 'boot-1' },
      makeBackup: (request) => makeBackup(services, request),
    },
    {
      ...{ runId: randomId(), dataRoot: tree.source, backupRoot, stateFolder: join(tree.folder, 'state') },
      ...{
        policy: dataRetentionPolicy(),
        backUp: 'expired-only',
        strategy: archiveStrategy(),
        reserveBytes: 0,
      },
    },
  );
}

/** A disk that says it has room until it is written to: others fill it meanwhile. */
function hidingSpace() {
  const files = new FaultFiles(nodeKeepFiles());
  files.space = () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 });
  return files;
}
