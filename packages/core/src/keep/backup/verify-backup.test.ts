import {
  appendFileSync,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { backUp, machineServices } from '../../../test/machine-services.ts';
import { sourceTree } from '../../../test/source-tree.ts';
import { randomId } from '../../adapters/clock-system/random-id.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { archiveStrategy } from './archive-strategy.ts';
import { readCatalogue } from './backup-catalogue.ts';
import { fileStrategy } from './file-strategy.ts';
import { VERIFIED_FOR_MS, VerifiedBackup, verifyBackup } from './verify-backup.ts';

const services = machineServices();
const { files } = services;

function verify(backupRoot: string, id: string, sourcePaths?: readonly string[]) {
  return verifyBackup(services, { backupRoot, id, runId: randomId(), sourcePaths });
}

/** Without writing how it ended: hundreds of times over. */
function look(backupRoot: string, id: string) {
  return verifyBackup(services, { backupRoot, id, runId: randomId(), record: false });
}

const NOT_VERIFIED = expect.objectContaining({ code: 'SYS-0104' });

describe('verification', () => {
  it.each([
    ['gzip', archiveStrategy()],
    ['zstd', archiveStrategy({ codec: 'zstd' })],
    ['store', archiveStrategy({ codec: 'store' })],
  ] as const)('finds every flipped bit, missing end and added byte of a %s archive', async (_, strategy) => {
    using tree = sourceTree({ 'a.txt': 'one', 'b/c.txt': 'two '.repeat(50) });
    const { names, manifest } = await backUp(tree, { strategy });
    const path = join(tree.backups, names.archive);
    const good = readFileSync(path);
    const step = Math.max(1, Math.floor((good.length * 8) / 120));
    for (let bit = 0; bit < good.length * 8; bit += step) {
      const bad = Buffer.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, bad);
      await expect(look(tree.backups, manifest.id), `bit ${bit}`).rejects.toEqual(NOT_VERIFIED);
    }
    for (const bad of [
      good.subarray(0, -1),
      good.subarray(0, 10),
      Buffer.concat([good, Buffer.alloc(1)]),
      Buffer.alloc(0),
    ]) {
      writeFileSync(path, bad);
      await expect(verify(tree.backups, manifest.id)).rejects.toEqual(NOT_VERIFIED);
    }
    expect(readCatalogue(files, tree.backups).backups).toMatchObject([{ state: 'broken' }]);
    writeFileSync(path, good);
    (await verify(tree.backups, manifest.id)).close();
    expect(readCatalogue(files, tree.backups).backups).toMatchObject([{ state: 'verified' }]);
  });

  it('finds every flipped bit of a manifest', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { names, manifest } = await backUp(tree);
    const path = join(tree.backups, names.manifest);
    const good = readFileSync(path);
    for (let bit = 0; bit < good.length * 8; bit += 37) {
      const bad = Buffer.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, bad);
      await expect(look(tree.backups, manifest.id), `bit ${bit}`).rejects.toEqual(NOT_VERIFIED);
    }
  });

  it('finds a copy that changed, is missing, too many, or no file of its own', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'sub/b.txt': 'two' });
    const { names, manifest } = await backUp(tree, { strategy: fileStrategy() });
    const copy = (path: string) => join(tree.backups, names.archive, path);
    const spoilings: readonly (readonly [() => void, () => void])[] = [
      [() => writeFileSync(copy('a.txt'), 'oNe'), () => writeFileSync(copy('a.txt'), 'one')],
      [() => rmSync(copy('sub/b.txt')), () => writeFileSync(copy('sub/b.txt'), 'two')],
      [() => writeFileSync(copy('sub/c.txt'), ''), () => rmSync(copy('sub/c.txt'))],
      [
        () => {
          rmSync(copy('a.txt'));
          linkSync(join(tree.source, 'a.txt'), copy('a.txt'));
        },
        () => {
          rmSync(copy('a.txt'));
          copyFileSync(join(tree.source, 'a.txt'), copy('a.txt'));
        },
      ],
      [
        () => {
          // The same bytes, but behind a link: they would not be there when the link goes; the padding keeps the count.
          renameSync(copy('sub'), copy('../aside'));
          symlinkSync('../aside', copy('sub'));
          writeFileSync(copy('c.txt'), '');
        },
        () => {
          rmSync(copy('c.txt'));
          rmSync(copy('sub'));
          renameSync(copy('../aside'), copy('sub'));
        },
      ],
    ];
    for (const [spoil, mend] of spoilings) {
      spoil();
      await expect(verify(tree.backups, manifest.id)).rejects.toEqual(NOT_VERIFIED);
      mend();
      (await verify(tree.backups, manifest.id)).close();
    }
  });

  it('finds an archive that belongs to another backup', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const first = await backUp(tree);
    tree.write('a.txt', 'two');
    const second = await backUp(tree);
    copyFileSync(join(tree.backups, first.names.archive), join(tree.backups, second.names.archive));
    await expect(verify(tree.backups, second.manifest.id)).rejects.toEqual(NOT_VERIFIED);
  });

  it('reads deletion candidates a second time and finds what the first reading had wrong', async () => {
    using tree = sourceTree({ 'a.txt': 'one', 'b.txt': 'two' });
    // The first reading of the source flips a bit: archive and manifest agree with each other, and both are wrong.
    const flipping = {
      ...files,
      openRead(path: string) {
        const opened = files.openRead(path);
        if (!path.endsWith('data/a.txt')) return opened;
        return {
          ...opened,
          read: (...place: Parameters<typeof opened.read>) => {
            const [buffer, offset] = place;
            const got = opened.read(...place);
            if (got > 0) buffer[offset] = (buffer[offset] ?? 0) ^ 1;
            return got;
          },
        };
      },
    };
    const { manifest } = await backUp(tree, { services: machineServices({ files: flipping }) });
    (await verify(tree.backups, manifest.id)).close();
    (await verify(tree.backups, manifest.id, ['b.txt'])).close();
    await expect(verify(tree.backups, manifest.id, ['b.txt', 'a.txt'])).rejects.toEqual(NOT_VERIFIED);
    await expect(verify(tree.backups, manifest.id, ['absent'])).rejects.toEqual(NOT_VERIFIED);
  });

  it('says which backup there is none of', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    await backUp(tree);
    await expect(verify(tree.backups, '20261120T010203.045Z-456789ab')).rejects.toMatchObject({
      code: 'INP-0804',
    });
  });

  it('writes nothing when it is asked not to', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { manifest } = await backUp(tree, { verify: false });
    const before = readdirSync(tree.backups);
    const verified = await verifyBackup(services, {
      backupRoot: tree.backups,
      id: manifest.id,
      runId: randomId(),
      record: false,
    });
    expect(verified.backupId).toBe(manifest.id);
    expect(readdirSync(tree.backups)).toEqual(before);
    expect(readCatalogue(files, tree.backups).backups).toMatchObject([{ state: 'unverified' }]);
  });

  it('says nothing about the backup when it is called off', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { manifest } = await backUp(tree);
    const signal = AbortSignal.abort(new Error('enough'));
    const request = { backupRoot: tree.backups, id: manifest.id, runId: randomId(), signal };
    await expect(verifyBackup(services, request)).rejects.toThrow('enough');
    expect(readCatalogue(files, tree.backups).backups).toMatchObject([{ state: 'verified' }]);
  });
});

describe('the proof', () => {
  it('cannot be made by anything else', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { verified } = await backUp(tree);
    expect(VerifiedBackup.is(verified)).toBe(true);
    expect(
      [{ ...verified }, Object.create(VerifiedBackup.prototype), undefined, 'x'].map((x) =>
        VerifiedBackup.is(x),
      ),
    ).toEqual([false, false, false, false]);
    const Forged = VerifiedBackup as unknown as new (...args: readonly unknown[]) => VerifiedBackup;
    expect(() => new Forged(Symbol('mint'), services, {})).toThrow(TypeError);
    type LookAlike = Pick<VerifiedBackup, keyof VerifiedBackup>;
    expectTypeOf<LookAlike>().not.toExtend<VerifiedBackup>();
  });

  it('is good for one use, for a quarter of an hour by both clocks', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { manifest } = await backUp(tree);
    const prove = (clock: VirtualClock) =>
      verifyBackup(
        { ...services, clock },
        { backupRoot: tree.backups, id: manifest.id, runId: randomId(), record: false },
      );
    const used = await prove(new VirtualClock());
    expect([used.claim(), used.claim()]).toEqual([true, false]);
    for (const pass of [
      async (clock: VirtualClock) => clock.stepWall(-1),
      async (clock: VirtualClock) => clock.stepWall(VERIFIED_FOR_MS + 1),
      (clock: VirtualClock) => clock.stall(VERIFIED_FOR_MS + 1),
    ]) {
      const clock = new VirtualClock();
      const proof = await prove(clock);
      await pass(clock);
      expect([proof.isFresh(), proof.claim()]).toEqual([false, false]);
    }
  });

  it('does not stand any more when archive or manifest is touched', async () => {
    using tree = sourceTree({ 'a.txt': 'one' });
    const { names, manifest, verified: first } = await backUp(tree);
    expect(first?.stillStands()).toBe(true);
    appendFileSync(join(tree.backups, names.archive), 'x');
    expect([first?.stillStands(), first?.claim()]).toEqual([false, false]);
    truncateSync(join(tree.backups, names.archive), manifest.archiveBytes);
    const second = await verify(tree.backups, manifest.id);
    expect(second.stillStands()).toBe(true);
    utimesSync(join(tree.backups, names.manifest), 1, 1);
    expect(second.stillStands()).toBe(false);
  });
});
