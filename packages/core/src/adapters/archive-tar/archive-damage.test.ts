import { Header } from 'tar';
import { describe, expect, it } from 'vitest';
import type { ReadHeader } from '../../keep/backup/archive-port.ts';
import type { ArchiveBlock, BackupCodec } from '../../keep/backup/backup-manifest.ts';
import {
  collector,
  lines,
  memoryFile,
  noise,
  type Sample,
  writeSamples,
} from './fixtures/archive-samples.ts';
import { encodeHeader } from './header-writing.ts';
import { tarArchives } from './tar-archives.ts';

const port = tarArchives();
const BLOCK = 64 * 1024;
const samples: readonly Sample[] = [
  { path: 'a', body: lines(40_000) },
  { path: 'b', body: lines(50_000, 5) },
  { path: 'c', body: noise(150_000) },
  { path: 'd', body: lines(1000) },
];

async function archived(codec: BackupCodec) {
  const file = memoryFile();
  const { blocks } = await writeSamples(file, samples, { codec, level: 1, blockBytes: BLOCK });
  return { bytes: Buffer.from(file.bytes()), blocks };
}

/** The code a pass over an archive ends with, or 'whole'. */
async function outcome(bytes: Buffer, codec: BackupCodec, blocks: readonly ArchiveBlock[]): Promise<unknown> {
  const { visitor } = collector<ReadHeader>();
  return port.read({ file: memoryFile(bytes), codec, blocks }, visitor).then(
    () => 'whole',
    (error: { code?: unknown }) => error.code,
  );
}

/** A plain archive out of pieces, in one block. */
async function plain(...pieces: readonly Uint8Array[]): Promise<unknown> {
  const bytes = Buffer.concat(pieces);
  return outcome(bytes, 'store', [{ at: 0, length: bytes.length, unpacked: bytes.length }]);
}

const END = Buffer.alloc(1024);
const head = (path: string, size: number) => encodeHeader({ path, size, mode: 0o600, mtimeMs: 0 });
const unit = (fill: string) => Buffer.alloc(512, fill);

describe.each(['gzip', 'zstd'] as const)('a damaged archive packed with %s', (codec) => {
  it('is found whatever single bit of it is flipped', async () => {
    const { bytes, blocks } = await archived(codec);
    expect(await outcome(bytes, codec, blocks)).toBe('whole');
    for (let step = 0; step < 60; step += 1) {
      const at = Math.floor((bytes.length * step) / 60) + (step % 2 === 0 ? 0 : 3);
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (step % 8));
      const result = await outcome(damaged, codec, blocks);
      // The few bytes of a gzip header that say nothing about content are covered by the digest of the archive.
      const ofHeader = codec === 'gzip' && blocks.some((block) => at >= block.at && at < block.at + 10);
      if (!ofHeader) expect(result, `bit ${step % 8} of byte ${at}`).toMatch(/^SYS-012[01]$/);
    }
  });

  it('is found when it is cut, when it grew, and when blocks changed places', async () => {
    const { bytes, blocks } = await archived(codec);
    const [first, second] = blocks;
    if (first === undefined || second === undefined) throw new Error('too few blocks');
    expect(await outcome(bytes.subarray(0, -1), codec, blocks)).toBe('SYS-0122');
    expect(await outcome(bytes.subarray(0, first.length), codec, blocks)).toBe('SYS-0122');
    expect(await outcome(Buffer.concat([bytes, Buffer.alloc(1)]), codec, blocks)).toBe('SYS-0122');
    expect(await outcome(bytes.subarray(0, first.length), codec, [first])).toBe('SYS-0121');
    expect(await outcome(Buffer.alloc(0), codec, [])).toBe('SYS-0122');
    const swapped = Buffer.concat([
      bytes.subarray(second.at, second.at + second.length),
      bytes.subarray(0, first.length),
      bytes.subarray(second.at + second.length),
    ]);
    const table = [{ ...second, at: 0 }, { ...first, at: second.length }, ...blocks.slice(2)];
    // Entries that were moved stay readable: that the order is another one is for the manifest to notice.
    expect(await outcome(swapped, codec, table)).toBe('whole');
    expect(await outcome(swapped, codec, blocks)).toMatch(/^SYS-012[01]$/);
  });

  it('is found when its table lies', async () => {
    const { bytes, blocks } = await archived(codec);
    const changed = (change: Partial<ArchiveBlock>) => [
      { ...blocks[0], ...change } as ArchiveBlock,
      ...blocks.slice(1),
    ];
    const { unpacked, length } = blocks[0] ?? { unpacked: 0, length: 0 };
    expect(await outcome(bytes, codec, changed({ unpacked: unpacked + 512 }))).toBe('SYS-0120');
    expect(await outcome(bytes, codec, changed({ unpacked: unpacked - 512 }))).toBe('SYS-0120');
    expect(await outcome(bytes, codec, changed({ unpacked: 2 ** 40 }))).toBe('SYS-0122');
    expect(await outcome(bytes, codec, changed({ unpacked: Number.NaN }))).toBe('SYS-0122');
    expect(await outcome(bytes, codec, changed({ at: 1 }))).toBe('SYS-0122');
    expect(await outcome(bytes, codec, changed({ length: length - 1 }))).toBe('SYS-0122');
  });

  it('is found when bytes lie between the content of one block and the next', async () => {
    const { bytes, blocks } = await archived(codec);
    const [first] = blocks;
    if (first === undefined) throw new Error('no block');
    for (const extra of [Buffer.alloc(8), Buffer.from('garbage!'), bytes.subarray(0, first.length)]) {
      const grown = Buffer.concat([bytes.subarray(0, first.length), extra, bytes.subarray(first.length)]);
      const table = blocks.map((block, index) =>
        index === 0
          ? { ...block, length: block.length + extra.length }
          : { ...block, at: block.at + extra.length },
      );
      const before = first.length + extra.length > first.unpacked ? 'SYS-0122' : 'SYS-0120';
      expect(await outcome(grown, codec, table)).toBe(before);
    }
  });
});

describe('a tar that is not as we write it', () => {
  it('is taken only with its end where it belongs', async () => {
    const entry = [head('a', 3), unit('x').fill(0, 3)];
    expect(await plain(...entry, END)).toBe('whole');
    expect(await plain(...entry)).toBe('SYS-0121');
    expect(await plain(...entry, END.subarray(512))).toBe('SYS-0121');
    expect(await plain(...entry, END, END)).toBe('SYS-0121');
    expect(await plain(...entry, END, ...entry, END)).toBe('SYS-0121');
    expect(await plain(END, head('b', 0), END)).toBe('SYS-0121');
  });

  it('is refused with a name twice, an unsafe name, or something in the filling', async () => {
    expect(await plain(head('a', 0), head('a', 0), END)).toBe('SYS-0121');
    expect(await plain(head('a', 3), unit('x'), END)).toBe('SYS-0121');
    for (const path of ['/a', '../a', 'a/../../b', 'a//b', './a'])
      expect(await plain(raw({ path }), END)).toBe('SYS-0121');
  });

  it('is refused with a body that the archive does not hold', async () => {
    expect(await plain(head('a', 5000), unit('x'), END)).toBe('SYS-0121');
    expect(await plain(head('a', 512), unit('x'))).toBe('SYS-0121');
    expect(await plain(head('n'.repeat(300), 0).subarray(0, 1024))).toBe('SYS-0121');
  });

  it('is refused with anything but regular files', async () => {
    const types = ['Link', 'SymbolicLink', 'CharacterDevice', 'BlockDevice', 'Directory', 'FIFO'] as const;
    for (const type of types) {
      expect(await plain(raw({ path: 'a', type, linkpath: 'b' }), END)).toBe('SYS-0121');
    }
    expect(await plain(raw({ path: 'a', linkpath: 'b' }), END)).toBe('SYS-0121');
    expect(await plain(raw({ path: 'a', type: 'GlobalExtendedHeader' }), END)).toBe('SYS-0121');
  });

  it('is refused with an extended header of another form', async () => {
    const extended = (body: string) => [
      raw({ path: 'x', type: 'ExtendedHeader', size: Buffer.byteLength(body) }),
      Buffer.concat([Buffer.from(body), Buffer.alloc(512)]).subarray(0, 512),
      head('short', 0),
      END,
    ];
    expect(await plain(...extended('10 path=a\n10 size=0\n'))).toBe('whole');
    for (const body of [
      '10 path=a\n',
      '10 path=a\n10 size=0\n10 path=b\n',
      '11 path=a\n10 size=0\n',
      '8 path=a\n10 size=0\n',
      '10 path=a\n11 size=-1\n',
      '10 path=a\n10 size=0\n13 linkpath=b\n',
      '11 path=/a\n10 size=0\n',
      'x',
    ])
      expect(await plain(...extended(body)), body).toBe('SYS-0121');
  });

  it('has sizes above what an ordinary header can hold', async () => {
    const size = 20 * 1024 ** 3;
    const { seen, visitor } = collector<ReadHeader>();
    let header: ReadHeader | undefined;
    const bytes = Buffer.concat([head('big', size), unit('x')]);
    const source = {
      file: memoryFile(bytes),
      codec: 'store' as const,
      blocks: [{ at: 0, length: bytes.length, unpacked: bytes.length }],
    };
    const pass = port.read(source, { ...visitor, entry: (next) => (header = next) });
    await expect(pass).rejects.toMatchObject({ code: 'SYS-0121' });
    expect(header).toMatchObject({ path: 'big', size });
    expect(seen).toEqual([]);
  });
});

/** A header with whatever is asked for. */
function raw(fields: ConstructorParameters<typeof Header>[0]): Buffer {
  const bytes = Buffer.alloc(512);
  new Header({ mode: 0o600, size: 0, uid: 0, gid: 0, mtime: new Date(0), type: 'File', ...fields }).encode(
    bytes,
    0,
  );
  return bytes;
}
