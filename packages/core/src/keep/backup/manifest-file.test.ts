import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD, sampleEntry } from './fixtures/manifest-samples.ts';
import { memoryFile } from './fixtures/memory-file.ts';
import { ManifestWriter, peekBlocks, peekManifest, readManifestLines } from './manifest-file.ts';
import { ManifestIndex } from './manifest-index.ts';
import { entryLine, isSafePath, type ManifestLine, parseManifestLine } from './manifest-lines.ts';

const BLOCKS = [
  { at: 0, length: 100, unpacked: 4096 },
  { at: 100, length: 50, unpacked: 1024 },
];
const ENTRIES = [
  sampleEntry('a.txt'),
  sampleEntry('sub/한글 "quoted"\n.txt', { state: 'grown', nlink: 2 }),
  sampleEntry('sub/held', { heldBy: '20261119T010203.045Z-456789ab', dev: '77' }),
  sampleEntry('.qts-ops/qts-ops.db', { extra: true }),
];
const FOOT = {
  recordCount: 4,
  checksum: 'c'.repeat(64),
  archiveBytes: 150,
  sourceBytes: 48,
  skippedCount: 1,
  holders: ['20261119T010203.045Z-456789ab'],
  durationMs: 7,
};

function written() {
  const file = memoryFile();
  const writer = new ManifestWriter(file, HEAD);
  for (const entry of ENTRIES) writer.entry(entry);
  writer.skipped({ path: 'link', reason: 'symlink-outside', detail: '/etc/passwd' });
  const { sha256 } = writer.finish(BLOCKS, FOOT);
  return { file, sha256 };
}

describe('a manifest file', () => {
  it('gives back every field of every line', () => {
    const { file, sha256 } = written();
    const lines: ManifestLine[] = [...readManifestLines(file)].map(({ line }) => line);
    expect(lines).toMatchObject([
      { kind: 'head', head: HEAD },
      ...ENTRIES.map((entry) => ({ kind: 'entry', entry })),
      { kind: 'skipped', skipped: { path: 'link', reason: 'symlink-outside', detail: '/etc/passwd' } },
      ...BLOCKS.map((block) => ({ kind: 'block', block })),
      { kind: 'foot', foot: FOOT },
      { kind: 'end', sha256 },
    ]);
  });

  it('has the field names of the specification', () => {
    const text = written().file.bytes().toString('utf8');
    for (const name of ['backup_at', 'source', 'archive_name', 'record_count', 'checksum']) {
      expect(text).toContain(`"${name}":`);
    }
  });

  it('shows its head, foot and blocks without reading the files', () => {
    const { file } = written();
    const manifest = peekManifest(file);
    expect(manifest).toMatchObject({ ...HEAD, ...FOOT });
    expect(peekBlocks(file, manifest)).toEqual(BLOCKS);
  });

  it('does not read with any bit flipped, any byte missing, or anything added', () => {
    const { file } = written();
    const good = file.bytes();
    for (let bit = 0; bit < good.length * 8; bit += 7) {
      const bytes = Buffer.from(good);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      file.change(bytes);
      expect(() => [...readManifestLines(file)], `bit ${bit}`).toThrow(
        expect.objectContaining({ code: 'SYS-0143' }),
      );
    }
    for (let cut = 0; cut < good.length; cut += 5) {
      file.change(good.subarray(0, cut));
      expect(() => [...readManifestLines(file)]).toThrow(expect.objectContaining({ code: 'SYS-0143' }));
    }
    for (const added of ['x', '\n', '{"at":1,"length":1,"unpacked":1}\n']) {
      file.change(Buffer.concat([good, Buffer.from(added)]));
      expect(() => [...readManifestLines(file)]).toThrow(expect.objectContaining({ code: 'SYS-0143' }));
    }
  });

  it.each(['../a', '/a', 'a/../../b', '', 'a//b', './a'])('does not read a path such as %j', (path) => {
    const file = memoryFile(4096);
    const writer = new ManifestWriter(file, HEAD);
    writer.entry(sampleEntry(path));
    writer.finish([], FOOT);
    expect(() => [...readManifestLines(file)]).toThrow(expect.objectContaining({ code: 'SYS-0143' }));
  });

  it('reads an entry alike however its line is spelled', () => {
    const entry = fc.record(
      {
        path: fc.stringMatching(/^[a-c.한"\\ ]{1,4}(\/[a-c]{1,3})?$/).filter(isSafePath),
        size: fc.nat(Number.MAX_SAFE_INTEGER),
        mode: fc.nat(0o7777),
        mtimeNs: fc.bigInt(-(10n ** 19n), 10n ** 19n).map(String),
        place: fc.option(fc.record({ block: fc.nat(), offset: fc.nat() }), { nil: undefined }),
        ...{ heldBy: fc.constantFrom('20261119T010203.045Z-456789ab', 'a b') },
        ...{ nlink: fc.constant(2), dev: fc.constantFrom('77', HEAD.sourceDev), extra: fc.constant(true) },
      },
      { requiredKeys: ['path', 'size', 'mode', 'mtimeNs', 'place'] },
    );
    fc.assert(
      fc.property(entry, ({ place, extra, ...changes }) => {
        const { block: _block, offset: _offset, ...plain } = sampleEntry(changes.path, changes);
        const whole = { ...plain, ...place, ...(extra === undefined ? {} : { extra: true as const }) };
        const line = entryLine(whole, HEAD.sourceDev).trimEnd();
        const spelled = line.replace('{"path"', '{ "path"');
        expect(parseManifestLine(line, HEAD.sourceDev)).toStrictEqual({ kind: 'entry', entry: whole });
        expect(parseManifestLine(spelled, HEAD.sourceDev)).toStrictEqual({ kind: 'entry', entry: whole });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['"size":12', '"size":012'],
    ['"size":12', '"size":-1'],
    ['"size":12', '"size":12345678901234567890'],
    ['"ino":"18446744073709551615"', '"ino":"1e3"'],
    ['"kind":"file"', '"kind":"link"'],
    ['"path":"a"', '"path":"../a"'],
    [`${'a'.repeat(64)}`, `${'A'.repeat(64)}`],
    ['"offset":512', '"offset":"512"'],
  ])('does not read %s as %s', (good, bad) => {
    const line = entryLine(sampleEntry('a'), HEAD.sourceDev).trimEnd();
    expect(line).toContain(good);
    expect(() => parseManifestLine(line.replace(good, bad), HEAD.sourceDev)).toThrow(
      expect.objectContaining({ code: 'SYS-0143' }),
    );
  });

  it('names both versions when it is newer', () => {
    const file = memoryFile(4096);
    new ManifestWriter(file, { ...HEAD, schema: 2 as 1 }).finish([], FOOT);
    expect(() => [...readManifestLines(file)]).toThrow(/schema 2 .* up to 1/);
  });
});

describe('the index of a manifest', () => {
  it('finds the entry of every path and of no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-c/.한]{1,6}$/), { maxLength: 3000 }), (names) => {
        const paths = names.map((name, index) => `f${index}/${name.replaceAll(/[./]/g, 'x')}`);
        const file = memoryFile(100_000);
        const writer = new ManifestWriter(file, HEAD);
        for (const [size, path] of paths.entries()) writer.entry(sampleEntry(path, { size }));
        writer.finish([], { ...FOOT, recordCount: paths.length });
        const index = new ManifestIndex();
        for (const { at, line } of readManifestLines(file))
          if (line.kind === 'entry') index.add(line.entry.path, at);
        expect(index.size).toBe(paths.length);
        expect(paths.map((path) => index.find(file, path, HEAD.sourceDev)?.size)).toEqual(
          paths.map((_, size) => size),
        );
        expect(index.find(file, 'absent', HEAD.sourceDev)).toBeUndefined();
      }),
      { numRuns: 10 },
    );
  });
});
