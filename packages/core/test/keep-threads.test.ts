import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFileBatches } from '../src/adapters/files-node/batch-threads.ts';
import { nodeKeepFiles } from '../src/adapters/files-node/keep-files.ts';
import { archiveStrategy } from '../src/keep/backup/archive-strategy.ts';
import type { FileBatches } from '../src/keep/restore/file-batches.ts';
import type { RestoreServices } from '../src/keep/restore/restore-request.ts';
import { STAGING_FOLDER } from '../src/keep/restore/target-note.ts';
import { batchThreads, faultyThread } from './faulty-threads.ts';
import { backUp } from './machine-services.ts';
import { restore, restoreServices } from './restore-machine.ts';
import { canMount, tmpfs } from './small-disk.ts';
import { type SourceTree, sourceTree } from './source-tree.ts';

const FILES = 60;
/** Calls of the files port that one file takes. */
const CALLS_A_FILE = 5;
const files = nodeKeepFiles();

// The system may name a thread for a moment longer than it runs.
afterEach(() => expect.poll(batchThreads).toEqual([]));

/** Files in three folders, and a backup of them. */
async function backedUp(bytes = 10) {
  const tree = sourceTree(
    Object.fromEntries(
      Array.from({ length: FILES }, (_, n) => [`d${n % 3}/f${n}`, `${n};`.repeat(bytes)] as const),
    ),
  );
  const { manifest } = await backUp(tree, { strategy: archiveStrategy({ blockBytes: 65_536 }) });
  return { tree, id: manifest.id };
}

/** Services whose small files go through a thread, a few at a time. */
function threaded(
  entry?: URL,
  around: (batches: FileBatches) => FileBatches = (same) => same,
): RestoreServices {
  const open = nodeFileBatches(files, { filesMin: 1, filesMax: 4, entry });
  return {
    ...restoreServices(),
    openBatches(count) {
      const batches = open(count);
      return batches === undefined ? undefined : around(batches);
    },
  };
}

/** Calls `meet` before a batch, counted from 1, is written; those before it may be under way. */
function beforeBatch(number: number, meet: () => void): (batches: FileBatches) => FileBatches {
  let count = 0;
  return (batches) => ({
    filesMax: batches.filesMax,
    write(batch) {
      count += 1;
      if (count === number) meet();
      return batches.write(batch);
    },
    close: () => batches.close(),
  });
}

/** Paths of files below a folder, without those that are not whole yet. */
function named(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith(STAGING_FOLDER));
}

function expectOnlyRight(tree: SourceTree, folder = join(tree.folder, 'restored')): number {
  const paths = named(folder);
  for (const path of paths) {
    expect(readFileSync(join(folder, path), 'utf8'), path).toBe(
      readFileSync(join(tree.source, path), 'utf8'),
    );
  }
  return paths.length;
}

/** Whatever had happened, the same restore is gone on with, and leaves nothing of its own. */
async function expectGoesOn(tree: SourceTree, id: string): Promise<void> {
  expect(await restore(tree, { id, services: threaded() })).toMatchObject({
    files: FILES,
    outcome: 'complete',
  });
  expect(expectOnlyRight(tree)).toBe(FILES);
  expect(existsSync(join(tree.folder, 'restored', STAGING_FOLDER))).toBe(false);
}

describe('a restore through a writing thread', () => {
  it('brings every file back', async () => {
    const { tree, id } = await backedUp();
    using _ = tree;
    await expectGoesOn(tree, id);
  });

  it.each([
    ['exit', [1, 4, 22, FILES * CALLS_A_FILE]],
    ['memory', [88]],
  ] as const)('is complete when the thread ends in the middle (%s)', async (does, calls) => {
    const { tree, id } = await backedUp();
    using _ = tree;
    for (const at of calls) {
      const services = threaded(faultyThread({ at, does }));
      const folder = join(tree.folder, `restored-${at}`);
      const report = await restore(tree, { id, services, target: { kind: 'folder', folder } });
      expect(report, `before call ${at}`).toMatchObject({ files: FILES, writtenFiles: FILES });
      expect(expectOnlyRight(tree, folder)).toBe(FILES);
      expect(existsSync(join(folder, STAGING_FOLDER))).toBe(false);
    }
  });

  it.each([
    ['EACCES', 'SYS-0183'],
    ['EMFILE', 'SYS-0183'],
    ['EROFS', 'SYS-0183'],
    ['ENOSPC', 'SYS-0182'],
  ])('names the file when the system says %s in the thread, and goes on afterwards', async (does, code) => {
    for (const at of [42, 181]) {
      const { tree, id } = await backedUp();
      using _ = tree;
      const error = await restore(tree, { id, services: threaded(faultyThread({ at, does })) }).catch(
        (caught: unknown) => caught,
      );
      expect(error, `call ${at}`).toMatchObject({ code, data: { code: does } });
      expect(String(error)).toMatch(/: d\d\/f\d+: /);
      expectOnlyRight(tree);
      expect(partials(tree)).toEqual([]);
      await expectGoesOn(tree, id);
    }
  });

  it('stops when it is told to while the thread writes', async () => {
    for (const batch of [1, 5]) {
      const { tree, id } = await backedUp();
      using _ = tree;
      const stop = new AbortController();
      const services = threaded(
        undefined,
        beforeBatch(batch, () => stop.abort(new Error('enough'))),
      );
      await expect(restore(tree, { id, services, signal: stop.signal })).rejects.toThrow('enough');
      expectOnlyRight(tree);
      expect(partials(tree)).toEqual([]);
      await expectGoesOn(tree, id);
    }
  });

  it('never follows a link that takes the place of its target while the thread writes', async () => {
    for (const batch of [1, 6]) {
      const { tree, id } = await backedUp();
      using _ = tree;
      const outside = join(tree.folder, 'outside');
      mkdirSync(outside);
      const restored = join(tree.folder, 'restored');
      const services = threaded(
        undefined,
        beforeBatch(batch, () => {
          renameSync(restored, `${restored}.away`);
          symlinkSync(outside, restored);
        }),
      );
      await expect(restore(tree, { id, services })).rejects.toMatchObject({
        code: expect.stringMatching(/^SYS-018[345]$/),
      });
      expect(readdirSync(outside)).toEqual([]);
      expectOnlyRight(tree, `${restored}.away`);
    }
  });

  it.skipIf(!canMount())(
    'keeps what is whole when the disk is full, and goes on when there is room (needs root for a tmpfs)',
    async () => {
      const { tree, id } = await backedUp(4000);
      using _ = tree;
      using disk = tmpfs(join(tree.folder, 'restored'), '400k');
      const blind = { ...files, space: () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 }) };
      const services = { ...threaded(), files: blind };
      const run = restore(tree, { id, services });
      await expect(run).rejects.toMatchObject({ code: 'SYS-0182', data: { code: 'ENOSPC' } });
      expectOnlyRight(tree);
      expect(partials(tree)).toEqual([]);
      disk.resize('100m');
      await expectGoesOn(tree, id);
    },
  );
});

function partials(tree: SourceTree): readonly string[] {
  const staging = join(tree.folder, 'restored', STAGING_FOLDER);
  return existsSync(staging) ? readdirSync(staging).filter((name) => name.endsWith('.partial')) : [];
}
