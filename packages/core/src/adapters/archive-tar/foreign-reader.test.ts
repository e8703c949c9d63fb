import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Header, type HeaderData } from 'tar';
import { describe, expect, it } from 'vitest';
import type { ForeignHeader, ForeignReadOptions } from '../../keep/backup/archive-port.ts';
import { collector, lines, memoryFile, scratchFolder, writeSamples } from './fixtures/archive-samples.ts';
import { tarArchives } from './tar-archives.ts';

const port = tarArchives();
const LIMITS: ForeignReadOptions = { maxBytes: 10_000_000, maxEntries: 100 };
const END = Buffer.alloc(1024);

/** What a pass over an archive of other origin shows, or the code it ends with. */
async function outcome(bytes: Buffer, limits = LIMITS): Promise<unknown> {
  const { seen, visitor } = collector<ForeignHeader>();
  return port.readForeign(memoryFile(bytes), visitor, limits).then(
    () => seen.map(({ header }) => header.path),
    (error: { code?: unknown }) => error.code,
  );
}

function head(fields: HeaderData): Buffer {
  const bytes = Buffer.alloc(512);
  new Header({ mode: 0o600, size: 0, mtime: new Date(0), type: 'File', ...fields }).encode(bytes, 0);
  return bytes;
}

describe('an archive of other origin', () => {
  it.each(['-z', '--zstd', '--no-auto-compress'])(
    'made by the ordinary tar with %s is read',
    async (flag) => {
      using folder = scratchFolder();
      const root = join(folder.path, 'data');
      mkdirSync(join(root, 'sub'), { recursive: true });
      writeFileSync(join(root, 'a.jsonl'), lines(300_000));
      writeFileSync(join(root, 'sub', `${'n'.repeat(200)}-한국`), 'long');
      symlinkSync('a.jsonl', join(root, 'link'));
      const archive = join(folder.path, 'a.tar');
      execFileSync('tar', [flag, '-cf', archive, '--sort=name', '-C', root, '.']);
      const { seen, visitor } = collector<ForeignHeader>();
      await port.readForeign(memoryFile(readFileSync(archive)), visitor, LIMITS);
      expect(seen.map(({ header: { path, kind, target } }) => [path, kind, target])).toEqual([
        ['a.jsonl', 'file', undefined],
        ['link', 'symlink', 'a.jsonl'],
        ['sub', 'folder', undefined],
        [`sub/${'n'.repeat(200)}-한국`, 'file', undefined],
      ]);
      expect(seen[0]?.body.equals(lines(300_000))).toBe(true);
    },
  );

  it('is refused with a name that leaves the folder it is unpacked in', async () => {
    for (const path of ['/etc/passwd', '../up', 'a/../../b', 'a//b', '..']) {
      expect(await outcome(Buffer.concat([head({ path }), END])), path).toBe('SYS-0123');
    }
  });

  it('is refused with a name twice, also when it is written in another way', async () => {
    const twice = Buffer.concat([head({ path: 'a' }), head({ path: './a' }), END]);
    expect(await outcome(twice)).toBe('SYS-0123');
    const folderToo = Buffer.concat([head({ path: 'a' }), head({ path: 'a/', type: 'Directory' }), END]);
    expect(await outcome(folderToo)).toBe('SYS-0123');
  });

  it('is refused when it holds more than allowed', async () => {
    const bomb = gzipSync(
      Buffer.concat([head({ path: 'zeros', size: 20_000_000 }), Buffer.alloc(20_000_256), END]),
    );
    expect(bomb.length).toBeLessThan(30_000);
    expect(await outcome(bomb)).toBe('SYS-0123');
    expect(await outcome(bomb, { ...LIMITS, maxBytes: 30_000_000 })).toEqual(['zeros']);
    const many = Buffer.concat([head({ path: 'a' }), head({ path: 'b' }), END]);
    expect(await outcome(many, { ...LIMITS, maxEntries: 1 })).toBe('SYS-0123');
  });

  it('shows devices and hard links as what they are', async () => {
    const bytes = Buffer.concat([
      head({ path: 'device', type: 'CharacterDevice' }),
      head({ path: 'hard', type: 'Link', linkpath: '../../etc/shadow' }),
      END,
    ]);
    const { seen, visitor } = collector<ForeignHeader>();
    await port.readForeign(memoryFile(bytes), visitor, LIMITS);
    expect(seen.map(({ header: { kind, target } }) => [kind, target])).toEqual([
      ['other', undefined],
      ['hardlink', '../../etc/shadow'],
    ]);
  });

  it('is refused when something follows its end, or nothing does', async () => {
    const entry = head({ path: 'a' });
    expect(await outcome(Buffer.concat([entry, END, Buffer.alloc(8192)]))).toEqual(['a']);
    expect(await outcome(Buffer.concat([entry, END, head({ path: 'hidden' }), END]))).toBe('SYS-0122');
    expect(await outcome(entry)).toBe('SYS-0122');
    expect(await outcome(Buffer.concat([entry, END]).subarray(0, 700))).toBe('SYS-0122');
    expect(await outcome(Buffer.from('not a tar at all'.repeat(64)))).toBe('SYS-0121');
  });

  it('is refused when it is cut or damaged, whatever packs it', async () => {
    const plain = Buffer.concat([head({ path: 'a', size: 50_000 }), lines(50_176), END]);
    const packed = { gzip: gzipSync(plain), zstd: zstdCompressSync(plain, { params: { 201: 1 } }) };
    for (const bytes of Object.values(packed)) {
      expect(await outcome(bytes)).toEqual(['a']);
      expect(await outcome(bytes.subarray(0, bytes.length - 9))).toBe('SYS-0122');
      const flipped = Buffer.from(bytes);
      flipped[2000] = (flipped[2000] ?? 0) ^ 4;
      expect(await outcome(flipped)).toMatch(/^SYS-012[012]$/);
      expect(await outcome(Buffer.concat([bytes, Buffer.from('garbage')]))).toMatch(/^SYS-012[02]$/);
    }
    expect(await outcome(plain.subarray(0, 20_000))).toBe('SYS-0122');
    expect(await outcome(plain.subarray(0, 20_480))).toBe('SYS-0122');
  });

  it('hands on what the visitor throws', async () => {
    const file = memoryFile();
    await writeSamples(file, [{ path: 'a', body: lines(9) }], { codec: 'zstd', level: 1 });
    const { visitor } = collector<ForeignHeader>();
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    for (const at of ['entry', 'body', 'end'] as const) {
      const pass = port.readForeign(
        file,
        {
          ...visitor,
          [at]: () => {
            throw full;
          },
        },
        LIMITS,
      );
      await expect(pass).rejects.toBe(full);
    }
  });
});
