import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../sim/seeded-random.ts';
import { archiveStrategy } from '../src/keep/backup/archive-strategy.ts';
import { type BackupOutcome, makeBackup } from '../src/keep/backup/backup-run.ts';
import type { BackupStrategy } from '../src/keep/backup/backup-strategy.ts';
import { fileStrategy } from '../src/keep/backup/file-strategy.ts';
import { verifyBackup } from '../src/keep/backup/verify-backup.ts';
import type { KeepFiles } from '../src/ports/keep-files.ts';
import { KeepWorld } from '../src/testing/memory-files-keep.ts';

/** Together more than a thousand. */
const FLIPS = 260;
const blockBytes = 65_536;
const STRATEGIES: readonly (readonly [string, BackupStrategy])[] = [
  ['gzip', archiveStrategy({ codec: 'gzip', blockBytes })],
  ['zstd', archiveStrategy({ codec: 'zstd', blockBytes })],
  ['no compression', archiveStrategy({ codec: 'store', blockBytes })],
  ['copies', fileStrategy()],
];

interface Flip {
  readonly path: string;
  /** Byte of the file. */
  readonly at: number;
  readonly bit: number;
}

describe.each(STRATEGIES)('a backup with %s', (_, strategy) => {
  it('is never verified with one bit of archive or manifest flipped', async () => {
    const { world, outcome } = await backedUp(strategy);
    const random = new SeededRandom(FLIPS);
    const accepted: Flip[] = [];
    for (let round = 0; round < FLIPS; round += 1) {
      const flip = anyFlip(world, outcome, random);
      const verified = await verifyFlipped(world, outcome, flip).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'SYS-0104' });
      });
      if (verified !== undefined) accepted.push(flip);
    }
    expect(accepted).toEqual([]);
  });

  it('is never verified with its end missing', async () => {
    const { world, outcome } = await backedUp(strategy);
    for (const path of ownFiles(world, outcome)) {
      const { size } = world.files.facts(path) ?? { size: 0 };
      for (const length of [0, 1, size >> 1, size - 512, size - 1].filter((one) => one >= 0 && one < size)) {
        const files = reading(world.files, path, (bytes) => bytes.subarray(0, length));
        const verified = verify(world, outcome, files);
        await expect(verified, `${path} ${length} of ${size}`).rejects.toMatchObject({ code: 'SYS-0104' });
      }
    }
  });
});

async function backedUp(strategy: BackupStrategy) {
  const world = new KeepWorld();
  for (let file = 0; file < 12; file += 1)
    world.put(`raw/${file}.jsonl`, 10, `record ${file}\n`.repeat(900 * file));
  world.put('empty', 1, '');
  const outcome = await makeBackup(world.backupServices(), {
    ...{ runId: world.nextRunId(), sourceRoot: '/data', backupRoot: '/backups', strategy },
  });
  outcome.verified?.close();
  return { world, outcome };
}

/** The files of the backup: the manifest, and the archive or the copies. */
function ownFiles(world: KeepWorld, { names }: BackupOutcome): readonly string[] {
  const own = world.files.paths('/backups').filter((path) => path.startsWith(names.archive));
  return [names.manifest, ...own]
    .map((path) => `/backups/${path}`)
    .filter((path) => (world.files.facts(path)?.size ?? 0) > 0);
}

function anyFlip(world: KeepWorld, outcome: BackupOutcome, random: SeededRandom): Flip {
  const [manifest = '', ...others] = ownFiles(world, outcome);
  const path = random.chance(0.4) ? manifest : random.pick([others[0] ?? '', ...others]);
  const { size } = world.files.facts(path) ?? { size: 0 };
  return { path, at: random.whole(0, size - 1), bit: random.whole(0, 7) };
}

function verifyFlipped(world: KeepWorld, outcome: BackupOutcome, { path, at, bit }: Flip) {
  const flipped = (bytes: Uint8Array) => {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ (1 << bit);
    return changed;
  };
  return verify(world, outcome, reading(world.files, path, flipped));
}

async function verify(world: KeepWorld, { manifest }: BackupOutcome, files: KeepFiles) {
  const request = { backupRoot: '/backups', id: manifest.id, runId: world.nextRunId(), record: false };
  const verified = await verifyBackup(world.backupServices(files), request);
  verified.close();
  return verified;
}

/** A disk that gives other bytes for one file; its facts stay what they were, but for the length. */
function reading(files: KeepFiles, path: string, change: (bytes: Uint8Array) => Uint8Array): KeepFiles {
  const bytesOf = (opened: ReturnType<KeepFiles['openRead']>) => {
    const bytes = new Uint8Array(opened.facts().size);
    opened.read(bytes, 0, bytes.length, 0);
    return change(bytes);
  };
  return {
    ...bound(files),
    openRead(asked) {
      const opened = files.openRead(asked);
      if (asked !== path) return opened;
      const bytes = bytesOf(opened);
      return {
        ...opened,
        facts: () => ({ ...opened.facts(), size: bytes.length }),
        read(...[buffer, offset, length, position]) {
          const piece = bytes.subarray(position, position + length);
          buffer.set(piece, offset);
          return piece.length;
        },
      };
    },
  };
}

/** The methods of a class do not come along when an object is spread. */
function bound(files: KeepFiles): KeepFiles {
  return {
    facts: (path) => files.facts(path),
    realPath: (path) => files.realPath(path),
    list: (folder) => files.list(folder),
    openRead: (path) => files.openRead(path),
    createNew: (path, mode) => files.createNew(path, mode),
    openAppend: (path, mode) => files.openAppend(path, mode),
    makeFolder: (path, mode) => files.makeFolder(path, mode),
    link: (existing, name) => files.link(existing, name),
    rename: (from, to) => files.rename(from, to),
    unlink: (path) => files.unlink(path),
    removeFolder: (path) => files.removeFolder(path),
    syncFolder: (path) => files.syncFolder(path),
    setTimes: (path, mtimeNs) => files.setTimes(path, mtimeNs),
    setMode: (path, mode) => files.setMode(path, mode),
    readLink: (path) => files.readLink(path),
    space: (path) => files.space(path),
  };
}
