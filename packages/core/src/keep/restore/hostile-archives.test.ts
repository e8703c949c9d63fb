import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header, type HeaderData, Pax } from 'tar';
import { describe, expect, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { restore, restoreServices, worldRestoreServices } from '../../../test/restore-machine.ts';
import { type SourceTree, sourceTree } from '../../../test/source-tree.ts';
import { nodeFileBatches } from '../../adapters/files-node/batch-threads.ts';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { KeepWorld } from '../../testing/memory-files-keep.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { makeBackup } from '../backup/backup-run.ts';
import { fileStrategy } from '../backup/file-strategy.ts';
import { HEAD, sampleEntry } from '../backup/fixtures/manifest-samples.ts';
import { ManifestWriter } from '../backup/manifest-file.ts';
import { seenOf } from '../backup/verified-record.ts';
import { restoreBackup } from './restore-backup.ts';

const { files } = machineServices();
const BODY = Buffer.from('gotcha\n');
const END = Buffer.alloc(1024);

/** One entry of an archive as an attacker would write it. */
function raw(fields: HeaderData, body: Buffer = BODY): Buffer {
  const bytes = Buffer.alloc(512);
  const full = { mode: 0o644, mtime: new Date(0), type: 'File', size: body.length, ...fields } as const;
  const needsPax = new Header(full).encode(bytes, 0);
  const extended = needsPax
    ? new Pax({ path: fields.path ?? '', size: full.size }).encode()
    : Buffer.alloc(0);
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 511)]);
  return Buffer.concat([extended, bytes, ...(full.type === 'File' ? [padded] : [])]);
}

function listed(path: string, changes: Partial<ManifestEntry> = {}): ManifestEntry {
  const sha256 = createHash('sha256').update(BODY).digest('hex');
  return sampleEntry(path, { size: BODY.length, sha256, block: 0, offset: 0, ...changes });
}

interface Attack {
  readonly archive: Buffer;
  readonly entries: readonly ManifestEntry[];
  /** Length of the block as the manifest tells it; default: as it is. */
  readonly unpacked?: number;
}

/** Puts an archive with a manifest of its own, digests and all, into a backup root; `trusted` forges a verification. */
function plant(tree: SourceTree, { archive, entries, unpacked }: Attack, trusted: boolean): string {
  const packed = gzipSync(archive);
  const stem = `data-${HEAD.id}`;
  mkdirSync(tree.backups, { recursive: true });
  writeFileSync(join(tree.backups, `${stem}.tar.gz`), packed);
  const manifest = files.createNew(join(tree.backups, `${stem}.manifest.jsonl`), 0o600);
  const writer = new ManifestWriter(manifest, { ...HEAD, source: tree.source });
  for (const entry of entries) writer.entry(entry);
  const { sha256 } = writer.finish([{ at: 0, length: packed.length, unpacked: unpacked ?? archive.length }], {
    recordCount: entries.length,
    checksum: createHash('sha256').update(packed).digest('hex'),
    archiveBytes: packed.length,
    sourceBytes: entries.reduce((sum, { size }) => sum + size, 0),
    skippedCount: 0,
    holders: [],
    durationMs: 1,
  });
  manifest.close();
  if (!trusted) return HEAD.id;
  const seen = (name: string) => {
    const facts = files.facts(join(tree.backups, name));
    return facts === undefined ? null : seenOf(facts);
  };
  const record = {
    ...{
      schema: 1,
      id: HEAD.id,
      manifestSha256: sha256,
      outcome: 'verified',
      at: HEAD.backupAt,
      atMs: HEAD.startedAtMs,
    },
    ...{ firstVerifiedAtMs: HEAD.startedAtMs, files: 1, bytes: 1, problem: null, toolVersion: '0.1.0' },
    ...{ manifest: seen(`${stem}.manifest.jsonl`), archive: seen(`${stem}.tar.gz`) },
  };
  writeFileSync(join(tree.backups, `${stem}.verified.json`), JSON.stringify(record));
  return HEAD.id;
}

/** Everything below a folder, with what it is. */
function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(
      (entry) => `${join(entry.parentPath, entry.name).slice(folder.length + 1)}${entry.isFile() ? '' : '/'}`,
    )
    .toSorted();
}

const good = raw({ path: 'a.txt' });
const HOSTILE: Readonly<Record<string, Attack>> = {
  'an absolute path': { archive: Buffer.concat([raw({ path: '/tmp/x' }), END]), entries: [listed('a.txt')] },
  'an absolute path that is listed': {
    archive: Buffer.concat([raw({ path: '/tmp/x' }), END]),
    entries: [listed('/tmp/x')],
  },
  'a path with ..': {
    archive: Buffer.concat([raw({ path: 'b/../../x' }), END]),
    entries: [listed('b/../../x')],
  },
  'a path that is only ..': { archive: Buffer.concat([raw({ path: '..' }), END]), entries: [listed('..')] },
  'a path with an empty name': {
    archive: Buffer.concat([raw({ path: 'b//x' }), END]),
    entries: [listed('b//x')],
  },
  'a NUL in a path': { archive: Buffer.concat([raw({ path: 'a' }), END]), entries: [listed('a\0b')] },
  'a name longer than any system allows': {
    archive: Buffer.concat([raw({ path: 'n'.repeat(300) }), END]),
    entries: [listed('n'.repeat(300))],
  },
  'a link that leaves the root': {
    archive: Buffer.concat([
      raw({ path: 'a.txt', type: 'SymbolicLink', linkpath: '../../etc', size: 0 }),
      END,
    ]),
    entries: [listed('a.txt')],
  },
  'a hard link to a file outside': {
    archive: Buffer.concat([raw({ path: 'a.txt', type: 'Link', linkpath: '/etc/passwd', size: 0 }), END]),
    entries: [listed('a.txt')],
  },
  'a device': {
    archive: Buffer.concat([
      raw({ path: 'a.txt', type: 'CharacterDevice', size: 0, devmaj: 1, devmin: 3 }),
      END,
    ]),
    entries: [listed('a.txt', { size: 0 })],
  },
  'a FIFO': {
    archive: Buffer.concat([raw({ path: 'a.txt', type: 'FIFO', size: 0 }), END]),
    entries: [listed('a.txt', { size: 0 })],
  },
  'a folder in place of a file': {
    archive: Buffer.concat([raw({ path: 'a.txt', type: 'Directory', size: 0 }), END]),
    entries: [listed('a.txt', { size: 0 })],
  },
  'a path that comes twice': {
    archive: Buffer.concat([good, good, END]),
    entries: [listed('a.txt'), listed('a.txt', { offset: 1024 })],
  },
  'a path that comes twice in the archive alone': {
    archive: Buffer.concat([good, good, END]),
    entries: [listed('a.txt')],
  },
  'a file that is not listed': {
    archive: Buffer.concat([good, raw({ path: 'b.txt' }), END]),
    entries: [listed('a.txt')],
  },
  'a listed file that is not there': {
    archive: Buffer.concat([good, END]),
    entries: [listed('a.txt'), listed('b.txt', { offset: 1024 })],
  },
  'a file that is the folder of another': {
    archive: Buffer.concat([raw({ path: 'a' }), raw({ path: 'a/b' }), END]),
    entries: [listed('a'), listed('a/b', { offset: 1024 })],
  },
  'another content than listed': {
    archive: Buffer.concat([raw({ path: 'a.txt' }, Buffer.from('GOTCHA\n')), END]),
    entries: [listed('a.txt')],
  },
  'a body longer than listed': {
    archive: Buffer.concat([raw({ path: 'a.txt' }, Buffer.alloc(9000)), END]),
    entries: [listed('a.txt')],
  },
  'a bomb: a block that unpacks to far more than listed': {
    archive: Buffer.concat([good, Buffer.alloc(32 * 1024 * 1024), END]),
    entries: [listed('a.txt')],
    unpacked: 2048,
  },
  'a bomb: a block larger than any of ours': {
    archive: Buffer.concat([good, END]),
    entries: [listed('a.txt')],
    unpacked: 2 ** 40,
  },
  'a bomb: a listed file larger than any disk': {
    archive: Buffer.concat([good, END]),
    entries: [listed('a.txt', { size: 2 ** 52 })],
  },
  'something after the end': { archive: Buffer.concat([good, END, good]), entries: [listed('a.txt')] },
};

describe.each(Object.entries(HOSTILE))('an archive with %s', (_, attack) => {
  it('is refused, and nothing is restored', async () => {
    using tree = sourceTree();
    const id = plant(tree, attack, false);
    const before = everything(tree.folder);
    await expect(restore(tree, { id })).rejects.toMatchObject({
      code: expect.stringMatching(/^SYS-01[048]/),
    });
    expect(everything(tree.folder).filter((name) => !name.includes('.qts-ops-backup.lock'))).toEqual(before);
  });

  it('puts nothing but listed, right files into the target, even with a forged record and as a salvage', async () => {
    const threaded = { ...restoreServices(), openBatches: nodeFileBatches(files, { filesMin: 1 }) };
    for (const { salvage, services } of [
      { salvage: false, services: restoreServices() },
      { salvage: true, services: restoreServices() },
      { salvage: false, services: threaded },
      { salvage: true, services: threaded },
    ]) {
      using tree = sourceTree();
      const id = plant(tree, attack, true);
      await restore(tree, { id, salvage, services }).catch(() => undefined);
      const found = everything(tree.folder).filter(
        (name) => name.startsWith('restored/') && !name.endsWith('/'),
      );
      for (const name of found.filter((name) => !name.includes('.qts-ops-restore'))) {
        expect(attack.entries.map(({ path }) => `restored/${path}`)).toContain(name);
        expect(readFileSync(join(tree.folder, name))).toEqual(BODY);
      }
      expect(everything(tree.folder).filter((name) => !/^(restored|backups|data)\//.test(name))).toEqual([]);
    }
  });
});

describe('a good archive among these', () => {
  it('is restored, so that it is not the planting that is refused', async () => {
    using tree = sourceTree();
    const id = plant(tree, { archive: Buffer.concat([good, END]), entries: [listed('a.txt')] }, false);
    expect(await restore(tree, { id })).toMatchObject({ files: 1, proof: 'verified' });
  });

  it('has rights to run as somebody else taken away', async () => {
    using tree = sourceTree();
    const archive = Buffer.concat([raw({ path: 'a.txt', mode: 0o6755 }), END]);
    const id = plant(tree, { archive, entries: [listed('a.txt', { mode: 0o7755 })] }, false);
    await restore(tree, { id });
    expect(files.facts(join(tree.folder, 'restored/a.txt'))?.mode).toBe(0o755);
  });
});

describe('copies', () => {
  it('are never read through a link that leads out of their folder', async () => {
    using tree = sourceTree({ 'sub/a.txt': 'one' });
    const { manifest, names } = await backUp(tree, { strategy: fileStrategy() });
    const sub = join(tree.backups, names.archive, 'sub');
    const outside = join(tree.folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'a.txt'), 'one');
    files.rename(sub, `${tree.folder}/away`);
    symlinkSync(outside, sub);
    await expect(restore(tree, { id: manifest.id })).rejects.toMatchObject({ code: 'SYS-0104' });
    const report = await restore(tree, { id: manifest.id, salvage: true });
    expect(report).toMatchObject({ files: 0, lost: { count: 1 } });
  });
});

describe('a target that does not tell letters of different case apart', () => {
  it('gets no file in place of another', async () => {
    const world = new KeepWorld();
    world.put('Trade.txt', 1, 'one');
    world.put('trade.txt', 1, 'two');
    const { manifest } = await makeBackup(world.backupServices(), {
      ...{ runId: world.nextRunId(), sourceRoot: '/data', backupRoot: '/backups', strategy: world.strategy },
    });
    const run = restoreBackup(worldRestoreServices(world, folding(world.files)), {
      ...{ runId: world.nextRunId(), backupRoot: '/backups', id: manifest.id },
      target: { kind: 'folder', folder: '/restored' },
    });
    await expect(run).rejects.toMatchObject({ code: 'SYS-0184' });
    expect(world.files.text('/restored/trade.txt')).toBe('one');
  });
});

/** Files whose names below the target are the same in capitals and small letters. */
function folding(inner: KeepFiles): KeepFiles {
  const fold = (path: string) => (path.startsWith('/restored') ? path.toLowerCase() : path);
  return {
    facts: (path) => inner.facts(fold(path)),
    realPath: (path) => inner.realPath(fold(path)),
    list: (folder) => inner.list(fold(folder)),
    openRead: (path) => inner.openRead(fold(path)),
    createNew: (path, mode) => inner.createNew(fold(path), mode),
    openAppend: (path, mode) => inner.openAppend(fold(path), mode),
    makeFolder: (path, mode) => inner.makeFolder(fold(path), mode),
    link: (existing, name) => inner.link(fold(existing), fold(name)),
    rename: (from, to) => inner.rename(fold(from), fold(to)),
    unlink: (path) => inner.unlink(fold(path)),
    removeFolder: (path) => inner.removeFolder(fold(path)),
    syncFolder: (path) => inner.syncFolder(fold(path)),
    setTimes: (path, mtimeNs) => inner.setTimes(fold(path), mtimeNs),
    setMode: (path, mode) => inner.setMode(fold(path), mode),
    readLink: (path) => inner.readLink(fold(path)),
    space: (path) => inner.space(fold(path)),
  };
}
