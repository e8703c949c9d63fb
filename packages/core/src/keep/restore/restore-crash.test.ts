import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { batchesBehind, worldRestoreServices } from '../../../test/restore-machine.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { FaultFiles, type FileCall, faultAt, ProcessDied } from '../../testing/fault-files.ts';
import type { CrashLoss } from '../../testing/memory-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import { archiveStrategy } from '../backup/archive-strategy.ts';
import { makeBackup } from '../backup/backup-run.ts';
import type { BackupStrategy } from '../backup/backup-strategy.ts';
import { fileStrategy } from '../backup/file-strategy.ts';
import { restoreBackup } from './restore-backup.ts';
import type { RestoreRequest } from './restore-request.ts';
import { STAGING_FOLDER } from './target-note.ts';

const CONTENTS: Readonly<Record<string, string>> = {
  'a.txt': 'the first',
  'sub/b.txt': 'the second',
  'sub/deep/c.txt': 'x'.repeat(9000),
};
const LOSSES: readonly CrashLoss[] = ['lose', 'names', 'contents', 'keep', 7];
/** Each loss takes every fifth call, another one than its neighbours: together they take them all. */
const firstCall = (loss: CrashLoss): number => 1 + LOSSES.indexOf(loss);
/** Far more calls than any of these restores makes. */
const CALLS_MAX = 2000;

interface Scene {
  readonly world: KeepWorld;
  readonly id: string;
}

/** Small blocks, so that each of the many backups is made at once. */
const SMALL: BackupStrategy = archiveStrategy({ codec: 'store', blockBytes: 65_536 });

async function backedUp(strategy = SMALL): Promise<Scene> {
  const world = new KeepWorld();
  for (const [path, text] of Object.entries(CONTENTS)) world.put(path, 10, text);
  const { manifest } = await makeBackup(world.backupServices(), {
    ...{ runId: world.nextRunId(), sourceRoot: '/data', backupRoot: '/backups', strategy },
  });
  return { world, id: manifest.id };
}

const INTO_FOLDER = { target: { kind: 'folder', folder: '/restored/new' } } as const;
const IN_PLACE = {
  target: { kind: 'in-place' },
  hold: { stateFolder: '/state', dataRoot: '/data', owner: 'kim' },
} as const;

interface Way {
  readonly files?: KeepFiles;
  /** True: small files are written behind the reader's back, as a thread would. */
  readonly behind?: boolean;
}

function run({ world, id }: Scene, request: Partial<RestoreRequest>, way: Way = {}) {
  const { files = world.files, behind = false } = way;
  const services = {
    ...worldRestoreServices(world, files),
    ...(behind ? { openBatches: () => batchesBehind(files) } : {}),
  };
  const ended = restoreBackup(services, {
    ...{ runId: world.nextRunId(), backupRoot: '/backups', id, ...INTO_FOLDER },
    ...request,
  });
  // What would still be written afterwards is to be seen.
  return behind ? ended.finally(() => nextTurn()) : ended;
}

/** Every file with a final name below a folder. */
function named(world: KeepWorld, root: string): Record<string, string> {
  if (!world.files.exists(root)) return {};
  const paths = world.files.paths(root).filter((path) => !path.startsWith(STAGING_FOLDER));
  return Object.fromEntries(paths.map((path) => [path, world.files.text(`${root}/${path}`)]));
}

describe.each(LOSSES)('a restore that dies at any call, with a loss of power that leaves «%s»', (loss) => {
  it.each([
    ['an archive', undefined, false],
    ['an archive, whose files are written behind its back,', undefined, true],
    ['copies', fileStrategy(), false],
  ] as const)(
    'of %s names no file that is not right, and completes when it is run again',
    async (_, strategy, behind) => {
      for (let at = firstCall(loss); at < CALLS_MAX; at += LOSSES.length) {
        const scene = await backedUp(strategy);
        const { world } = scene;
        const faulty = new FaultFiles(world.files, faultAt(at, { kind: 'crash' }));
        const outcome = await run(scene, {}, { files: faulty, behind }).catch((error: unknown) => error);
        if (!faulty.dead) break;
        expect(outcome).toBeInstanceOf(Error);
        world.files.crash(loss);
        for (const [path, text] of Object.entries(named(world, '/restored/new'))) {
          expect(text, `${path} after call ${at}`).toBe(CONTENTS[path]);
        }
        expect(await run(scene, {}), `after call ${at}`).toMatchObject({ files: 3, outcome: 'complete' });
        expect(named(world, '/restored/new')).toEqual(CONTENTS);
        expect(world.files.exists(`/restored/new/${STAGING_FOLDER}`)).toBe(false);
        expect(named(world, '/data')).toEqual(CONTENTS);
      }
    },
  );

  it.each([
    ['written at once', false],
    ['written behind its back', true],
  ])('in place, %s, loses nothing of what was there', async (_, behind) => {
    for (let at = firstCall(loss); at < CALLS_MAX; at += LOSSES.length) {
      const scene = await backedUp();
      const { world } = scene;
      world.put('a.txt', 0, 'written since');
      world.files.unlink('/data/sub/b.txt');
      world.files.syncFolder('/data/sub');
      const faulty = new FaultFiles(world.files, faultAt(at, { kind: 'crash' }));
      await run(scene, IN_PLACE, { files: faulty, behind }).catch(() => undefined);
      if (!faulty.dead) break;
      world.files.crash(loss);
      expect(Object.values(named(world, '/data')), `after call ${at}`).toContain('written since');
      for (const [path, text] of Object.entries(named(world, '/data'))) {
        if (CONTENTS[path] !== undefined && text !== 'written since') expect(text).toBe(CONTENTS[path]);
      }
      await run(scene, IN_PLACE);
      const after = named(world, '/data');
      expect(after).toMatchObject(CONTENTS);
      expect(Object.values(after)).toContain('written since');
      expect(world.files.exists(`/data/${STAGING_FOLDER}`)).toBe(false);
    }
  });
});

describe('a restore whose target fails', () => {
  it.each([
    ['ENOSPC', false],
    ['EIO', false],
    ['EIO', true],
    ['EROFS', false],
  ])(
    'with %s at any call (behind its back: %s) says so, and names nothing that is not right',
    async (code, behind) => {
      let failures = 0;
      for (let at = 1; at < CALLS_MAX; at += 3) {
        const scene = await backedUp();
        const { world } = scene;
        const inTarget = (call: FileCall) => call.index === at && call.path.startsWith('/restored');
        const faulty = new FaultFiles(world.files, (call) =>
          inTarget(call) ? { kind: 'error', code } : undefined,
        );
        const outcome = await run(scene, {}, { files: faulty, behind }).catch((error: unknown) => error);
        if (faulty.calls.length < at) break;
        for (const [path, text] of Object.entries(named(world, '/restored/new')))
          expect(text).toBe(CONTENTS[path]);
        if (outcome instanceof Error) {
          failures += 1;
          expect(outcome, `call ${at}`).toMatchObject({ code: code === 'ENOSPC' ? 'SYS-0182' : 'SYS-0183' });
          expect(world.files.paths('/').filter((path) => path.endsWith('.partial'))).toEqual([]);
        }
        expect(await run(scene, { selection: {} })).toMatchObject({ files: 3 });
      }
      expect(failures).toBeGreaterThan(20);
    },
  );

  it('with a full disk in the middle keeps what is whole, and goes on when there is room', async () => {
    const scene = await backedUp();
    const { world } = scene;
    const full = (call: FileCall) =>
      call.name === 'write' && call.path.endsWith('/3.partial')
        ? ({ kind: 'error', code: 'ENOSPC' } as const)
        : undefined;
    const run1 = run(scene, {}, { files: new FaultFiles(world.files, full) });
    await expect(run1).rejects.toMatchObject({ code: 'SYS-0182', data: { code: 'ENOSPC' } });
    expect(world.files.paths('/restored')).toEqual([]);
    expect(await run(scene, {})).toMatchObject({ files: 3, writtenFiles: 3 });
  });

  it('does not write again what a dead run had brought back', async () => {
    const scene = await backedUp();
    const { world } = scene;
    const dies = new FaultFiles(world.files, (call) =>
      call.name === 'link' && call.path.endsWith('/3.partial') ? { kind: 'crash' } : undefined,
    );
    await expect(run(scene, {}, { files: dies })).rejects.toBeInstanceOf(ProcessDied);
    expect(Object.keys(named(world, '/restored/new'))).toEqual(['a.txt', 'sub/b.txt']);
    const before = world.files.facts('/restored/new/a.txt')?.ino;
    const report = await run(scene, {});
    expect(report).toMatchObject({
      resumed: true,
      files: 3,
      writtenFiles: 1,
      unchangedFiles: 2,
      leftovers: 1,
    });
    expect(world.files.facts('/restored/new/a.txt')?.ino).toBe(before);
  });

  it('is not gone on with when something else was asked for', async () => {
    const scene = await backedUp();
    const dies = new FaultFiles(scene.world.files, (call) =>
      call.name === 'link' && call.path.endsWith('/3.partial') ? { kind: 'crash' } : undefined,
    );
    await expect(run(scene, {}, { files: dies })).rejects.toBeInstanceOf(ProcessDied);
    const other = run(scene, { selection: { paths: ['a.txt'] } });
    await expect(other).rejects.toMatchObject({ code: 'INP-0841' });
  });
});
