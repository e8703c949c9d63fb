import { execFileSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { describe, expect, it } from 'vitest';
import type { ForeignHeader, ReadHeader } from '../../keep/backup/archive-port.ts';
import type { BackupCodec } from '../../keep/backup/backup-manifest.ts';
import {
  collector,
  lines,
  memoryFile,
  noise,
  type Sample,
  scratchFolder,
  writeSamples,
} from './fixtures/archive-samples.ts';
import { tarArchives } from './tar-archives.ts';

const port = tarArchives();
const BLOCK = 64 * 1024;
const CODECS: readonly BackupCodec[] = ['gzip', 'zstd', 'store'];
const LIMITS = { maxBytes: 2 ** 30, maxEntries: 10_000 };

const samples: readonly Sample[] = [
  { path: 'empty', body: Buffer.alloc(0) },
  { path: 'one', body: Buffer.from('x') },
  { path: 'exactly/a/unit', body: lines(512) },
  { path: 'raw/2026/11/book.jsonl', body: lines(30_000) },
  { path: 'raw/fills the block.jsonl', body: lines(BLOCK - 512) },
  { path: 'raw/longer than a block by one', body: lines(BLOCK - 511) },
  { path: 'raw/many blocks.jsonl', body: lines(400_123) },
  { path: 'dense/image.png', body: noise(300_001) },
  { path: 'zeros', body: Buffer.alloc(200_000) },
  { path: `long/${'n'.repeat(240)}/${'m'.repeat(200)}.txt`, body: lines(700) },
  { path: '한국어/데이터 é.jsonl', body: lines(900) },
  { path: 'odd/new\nline and "quotes"', body: lines(10) },
  { path: `prefix/${'p'.repeat(90)}/${'q'.repeat(80)}`, body: lines(44) },
  { path: 'last', body: lines(5) },
];

/** The archive of the samples as a file in memory. */
async function archived(codec: BackupCodec, of: Iterable<Sample> = samples) {
  const file = memoryFile();
  const result = await writeSamples(file, of, { codec, level: 1, blockBytes: BLOCK, concurrency: 2 });
  return { file, result, source: { file, codec, blocks: result.blocks } };
}

describe.each(CODECS)('an archive packed with %s', (codec) => {
  it('gives back every byte, its digest and its place', async () => {
    const { file, result, source } = await archived(codec);
    const { seen, visitor } = collector<ReadHeader>();
    const totals = await port.read(source, visitor);
    expect(seen.map(({ header, body }) => ({ path: header.path, body }))).toEqual(samples);
    expect(seen.map(({ sha256 }) => sha256)).toEqual(samples.map(({ body }) => hash('sha256', body)));
    expect(result.digests).toEqual(seen.map(({ sha256 }) => sha256));
    expect(seen[0]?.header).toMatchObject({ mode: 0o640, mtimeMs: 1_700_000_000_000 });
    const sha256 = createHash('sha256').update(file.bytes()).digest('hex');
    const expected = { bytes: file.bytes().length, sha256, entries: samples.length };
    expect(totals).toEqual(expected);
    expect(result).toMatchObject(expected);
    expect(result.blocks.length).toBeGreaterThan(8);
  });

  it('gives single files at their places, whatever the order asked for', async () => {
    const { source } = await archived(codec);
    const all = collector<ReadHeader>();
    await port.read(source, all.visitor);
    const wanted = all.seen.filter((_, index) => index % 3 === 1).toReversed();
    const some = collector<ReadHeader>();
    let unpacked = 0;
    await port.readEntries(
      source,
      wanted.map(({ header }) => header.place),
      { visitor: some.visitor, onProgress: (bytes) => (unpacked = bytes) },
    );
    expect(some.seen).toEqual(wanted.toReversed());
    expect(unpacked).toBeLessThan(source.blocks.reduce((sum, block) => sum + block.unpacked, 0));
  });

  it('is read the same way by the independent parser', async () => {
    const { file, result } = await archived(codec);
    const { seen, visitor } = collector<ForeignHeader>();
    const totals = await port.readForeign(file, visitor, LIMITS);
    expect(seen.map(({ header, body }) => ({ path: header.path, body }))).toEqual(samples);
    expect(seen.map(({ sha256 }) => sha256)).toEqual(result.digests);
    expect(seen.every(({ header }) => header.kind === 'file' && header.mode === 0o640)).toBe(true);
    expect(totals).toEqual({ bytes: result.bytes, sha256: result.sha256, entries: samples.length });
  });

  it('is unpacked by the ordinary tar', async () => {
    using folder = scratchFolder();
    const { file } = await archived(codec);
    const archive = join(folder.path, 'a.tar');
    const into = join(folder.path, 'out');
    writeFileSync(archive, file.bytes());
    mkdirSync(into);
    const unpack = { gzip: '-z', zstd: '--zstd', store: '--no-auto-compress' }[codec];
    const told = execFileSync('tar', [unpack, '-xf', archive, '-C', into], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(told).toBe('');
    for (const { path, body } of samples) expect(readFileSync(join(into, path)).equals(body)).toBe(true);
    expect(
      readdirSync(into, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()),
    ).toHaveLength(samples.length);
  });
});

describe('writing an archive', () => {
  it('gives gzip that node-tar reads strictly from a file', async () => {
    using folder = scratchFolder();
    const { file } = await archived('gzip');
    const path = join(folder.path, 'a.tar.gz');
    writeFileSync(path, file.bytes());
    const names: string[] = [];
    await list({ file: path, strict: true, onReadEntry: (entry) => void names.push(entry.path) });
    expect(names).toEqual(samples.map((sample) => sample.path));
  });

  it('takes entries out again, long ones and short ones, as if they had never begun', async () => {
    const file = memoryFile();
    const writer = port.write(file, { codec: 'gzip', level: 1, blockBytes: BLOCK, concurrency: 1 });
    const plain = { mode: 0o600, mtimeMs: 0 };
    const put = async (path: string, body: Buffer, announced = body.length) => {
      await writer.pressure();
      writer.begin({ path, size: announced, ...plain });
      for (let at = 0; at < body.length; at += 10_000) {
        await writer.pressure();
        writer.body(body.subarray(at, at + 10_000));
      }
    };
    await put('kept', lines(3000));
    writer.end();
    await put('short', lines(100), 2000);
    await writer.abandon();
    await put('long', lines(500_000), 900_000);
    await writer.abandon();
    await put('long', lines(300_000, 3));
    writer.end();
    await put('not long', lines(60_000), 70_000);
    await writer.abandon();
    await put('after', lines(70));
    writer.end();
    const result = await writer.finish();
    expect(file.bytes().length).toBe(result.bytes);
    const { seen, visitor } = collector<ReadHeader>();
    const totals = await port.read({ file, codec: 'gzip', blocks: result.blocks }, visitor);
    expect(totals.sha256).toBe(result.sha256);
    expect(seen.map(({ header, body }) => [header.path, hash('sha256', body)])).toEqual([
      ['kept', hash('sha256', lines(3000))],
      ['long', hash('sha256', lines(300_000, 3))],
      ['after', hash('sha256', lines(70))],
    ]);
  });

  it('goes on after short writes and ends with the error of a full disk', async () => {
    const narrow = memoryFile(undefined, { most: 1000 });
    const options = { codec: 'zstd', level: 1, blockBytes: BLOCK } as const;
    const result = await writeSamples(narrow, samples, options);
    const { seen, visitor } = collector<ReadHeader>();
    await port.read({ file: narrow, codec: 'zstd', blocks: result.blocks }, visitor);
    expect(seen).toHaveLength(samples.length);
    const full = memoryFile(undefined, { room: 50_000 });
    await expect(writeSamples(full, samples, options)).rejects.toMatchObject({ code: 'ENOSPC' });
    const writer = port.write(memoryFile(undefined, { room: 0 }), options);
    writer.begin({ path: 'a', size: 300_000, mode: 0o600, mtimeMs: 0 });
    writer.body(lines(300_000));
    writer.end();
    await expect(writer.finish()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(() => writer.pressure()).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    await writer.discard();
  });

  it.each([
    ['is empty', ''],
    ['is absolute', '/etc/passwd'],
    ['holds the name ".."', 'a/../b'],
    ['holds the name ""', 'a//b'],
    ['holds the name "."', './a'],
    ['holds a NUL', 'a\0b'],
    ['is not valid text', 'a\ud800b'],
    ['is longer than', 'n'.repeat(40_000)],
  ])('refuses a path that %s', async (reason, path) => {
    const writer = port.write(memoryFile(), { codec: 'store', level: 0 });
    const begin = () => writer.begin({ path, size: 1, mode: 0o600, mtimeMs: 0 });
    expect(begin).toThrow(
      expect.objectContaining({ code: 'SYS-0124', message: expect.stringContaining(reason) }),
    );
    await writer.discard();
  });

  it('refuses a path twice, a body of another length, and an end in the middle', async () => {
    const writer = port.write(memoryFile(), { codec: 'store', level: 0 });
    const header = { path: 'a', size: 2, mode: 0o600, mtimeMs: 0 };
    writer.begin(header);
    expect(() => writer.body(Buffer.from('abc'))).toThrow(RangeError);
    writer.body(Buffer.from('a'));
    expect(() => writer.end()).toThrow(/missing/);
    await expect(writer.finish()).rejects.toThrow(/open/);
    writer.body(Buffer.from('b'));
    writer.end();
    expect(() => writer.begin(header)).toThrow(expect.objectContaining({ code: 'SYS-0124' }));
    expect((await writer.finish()).entries).toBe(1);
  });

  it('keeps content that cannot be packed nearly at its length, and stays small beside it', async () => {
    const body = noise(1_000_000);
    for (const codec of ['gzip', 'zstd'] as const) {
      const { result } = await archived(codec, [{ path: 'dense', body }]);
      expect(result.bytes).toBeLessThan(body.length * 1.01);
      const text = await archived(codec, [{ path: 'lines', body: lines(1_000_000) }]);
      expect(text.result.bytes).toBeLessThan(300_000);
    }
  });

  it('makes an archive without entries that every reader takes', async () => {
    const { source, file } = await archived('gzip', []);
    const { seen, visitor } = collector<ReadHeader>();
    expect(await port.read(source, visitor)).toMatchObject({ entries: 0 });
    await port.readForeign(file, collector<ForeignHeader>().visitor, LIMITS);
    expect(seen).toEqual([]);
  });

  it('ends a pass when asked to', async () => {
    const { source } = await archived('gzip');
    const stop = new AbortController();
    const { visitor } = collector<ReadHeader>();
    const pass = port.read(source, visitor, { signal: stop.signal, onProgress: () => stop.abort('enough') });
    await expect(pass).rejects.toBe('enough');
  });
});
