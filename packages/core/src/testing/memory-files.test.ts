import { describe, expect, it } from 'vitest';
import type { KeepFiles } from '../ports/keep-files.ts';
import { MemoryFiles } from './memory-files.ts';

const START_MS = Date.UTC(2026, 0, 2);

describe('files in memory', () => {
  it('keep one inode behind two names and count them', () => {
    const files = world();
    files.put('/data/a', 'same');
    files.link('/data/a', '/data/b');
    expect(files.facts('/data/a')).toMatchObject({ nlink: 2, size: 4 });
    files.unlink('/data/a');
    expect(files.facts('/data/b')).toMatchObject({ nlink: 1 });
    expect(files.text('/data/b')).toBe('same');
    expect(files.exists('/data/a')).toBe(false);
  });

  it('follow links on the way and never at the end', () => {
    const files = world();
    files.put('/other/a', 'inside');
    files.symlink('../other', '/data/way');
    files.symlink('/other/a', '/data/end');
    expect(files.realPath('/data/way/a')).toBe('/other/a');
    expect(files.facts('/data/end')).toMatchObject({ kind: 'symlink' });
    expect(codeOf(() => files.openRead('/data/end'))).toBe('ELOOP');
    files.symlink('/data/loop', '/data/loop');
    expect(codeOf(() => files.realPath('/data/loop'))).toBe('ELOOP');
  });

  it('refuse what the system refuses, with its codes', () => {
    const files = world();
    files.put('/data/a', '1');
    files.put('/data/secret', '1', { mode: 0o000 });
    files.makeFolder('/data/locked', 0o500);
    files.mount('/data/disk');
    expect(codeOf(() => files.createNew('/data/a', 0o600))).toBe('EEXIST');
    expect(codeOf(() => files.link('/data/a', '/data/secret'))).toBe('EEXIST');
    expect(codeOf(() => files.openRead('/data/none'))).toBe('ENOENT');
    expect(codeOf(() => files.openRead('/data/a/b'))).toBe('ENOTDIR');
    expect(codeOf(() => files.openRead('/data/secret'))).toBe('EACCES');
    expect(codeOf(() => files.createNew('/data/locked/x', 0o600))).toBe('EACCES');
    expect(codeOf(() => files.link('/data/a', '/data/disk/a'))).toBe('EXDEV');
    expect(codeOf(() => files.removeFolder('/data'))).toBe('ENOTEMPTY');
    expect(codeOf(() => files.unlink('/data'))).toBe('EISDIR');
    expect(codeOf(() => files.createNew(`/data/${'x'.repeat(256)}`, 0o600))).toBe('ENAMETOOLONG');
    expect(codeOf(() => files.facts('/data/a/b'))).toBe('ENOTDIR');
    expect(files.facts('/data/none/b')).toBeUndefined();
  });

  it('write short and then fail when the disk is full', () => {
    const files = world();
    files.capacityBytes = 6;
    const file = files.createNew('/data/a', 0o600);
    expect(file.write(Buffer.from('12345678'), 0, 8)).toBe(6);
    expect(codeOf(() => file.write(Buffer.from('9'), 0, 1))).toBe('ENOSPC');
    expect(files.space('/data')).toEqual({ freeBytes: 0, totalBytes: 6 });
  });

  it('show names that are not UTF-8 with their bytes', () => {
    const files = world();
    files.putBytesName('/data', Uint8Array.of(0xff, 0x61));
    expect(files.list('/data')).toEqual([
      { name: '\uFFFDa', bytes: Buffer.from([0xff, 0x61]), kind: 'file' },
    ]);
  });

  it('let an opened file be read after its name is gone', () => {
    const files = world();
    files.put('/data/a', 'still here');
    const file = files.openRead('/data/a');
    files.unlink('/data/a');
    const buffer = Buffer.alloc(5);
    expect(file.read(buffer, 0, 5, 6)).toBe(4);
    expect(buffer.toString('utf8', 0, 4)).toBe('here');
    expect(file.facts().nlink).toBe(0);
  });

  it('cut a file and go on writing there', () => {
    const files = world();
    const file = files.createNew('/data/a', 0o600);
    file.write(Buffer.from('abcdef'), 0, 6);
    file.truncate(2);
    file.write(Buffer.from('X'), 0, 1);
    expect(files.text('/data/a')).toBe('abX');
  });
});

describe('a loss of power', () => {
  it('takes content and names that were never synced', () => {
    const files = world();
    write(files, '/data/a', 'text');
    files.crash('lose');
    expect(files.paths('/data')).toEqual([]);
  });

  it('may leave a name without its content', () => {
    const files = world();
    write(files, '/data/a', 'text');
    files.syncFolder('/data');
    files.crash('lose');
    expect(files.text('/data/a')).toBe('');
  });

  it('leaves what was synced, and makes a synced file reachable only through a synced name', () => {
    const files = world();
    writeFile(files, '/data/a', { text: 'text', sync: true });
    writeFile(files, '/data/b', { text: 'more', sync: true });
    files.syncFolder('/data');
    writeFile(files, '/data/c', { text: 'lost name', sync: true });
    files.crash('lose');
    expect(files.paths('/data')).toEqual(['a', 'b']);
    expect(files.text('/data/a')).toBe('text');
  });

  it('brings back a removed name whose folder was not synced', () => {
    const files = world();
    files.put('/data/a', 'text');
    files.unlink('/data/a');
    files.crash('lose');
    expect(files.text('/data/a')).toBe('text');
    files.unlink('/data/a');
    files.syncFolder('/data');
    files.crash('lose');
    expect(files.exists('/data/a')).toBe(false);
  });

  it('loses a rename as a whole', () => {
    const files = world();
    files.put('/data/a', 'new');
    files.put('/data/b', 'old');
    files.rename('/data/a', '/data/b');
    files.crash('lose');
    expect([files.text('/data/a'), files.text('/data/b')]).toEqual(['new', 'old']);
    expect(files.facts('/data/a')).toMatchObject({ nlink: 1 });
  });

  it('leaves everything when only the process died', () => {
    const files = world();
    write(files, '/data/a', 'text');
    files.crash('keep');
    expect(files.text('/data/a')).toBe('text');
  });

  it('ends the files that were open', () => {
    const files = world();
    const file = files.createNew('/data/a', 0o600);
    files.crash('keep');
    expect(codeOf(() => file.write(Buffer.from('x'), 0, 1))).toBe('EBADF');
  });

  it('chooses by its seed, always the same way', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) outcomes.add(remains(seed));
    expect(outcomes.size).toBeGreaterThan(5);
    expect(remains(7)).toBe(remains(7));
  });

  it('may tear the pages of a content that was not synced', () => {
    const torn = new Set<string>();
    for (let seed = 0; seed < 60; seed += 1) {
      const files = world();
      files.put('/data/a', '');
      const file = files.openAppend('/data/a', 0o600);
      file.write(Buffer.alloc(3 * 4096, 'x'), 0, 3 * 4096);
      files.crash(seed);
      const bytes = files.bytes('/data/a');
      torn.add([0, 4096, 8192].map((at) => bytes[at] ?? '-').join());
    }
    expect(torn).toContain('120,0,120');
  });

  it('keeps what the outside world did after our own change of the same name', () => {
    const files = world();
    files.put('/data/a', 'first');
    files.unlink('/data/a');
    files.put('/data/a', 'second');
    files.crash('names');
    expect(files.text('/data/a')).toBe('second');
  });
});

function remains(seed: number): string {
  const files = world();
  for (const name of ['a', 'b', 'c']) write(files, `/data/${name}`, name);
  files.crash(seed);
  return files
    .paths('/data')
    .map((path) => `${path}=${files.text(`/data/${path}`)}`)
    .join();
}

function world(): MemoryFiles {
  const files = new MemoryFiles({ now: () => START_MS });
  files.put('/data/first', '');
  files.unlink('/data/first');
  files.syncFolder('/data');
  return files;
}

function write(files: KeepFiles, path: string, text: string): void {
  writeFile(files, path, { text, sync: false });
}

function writeFile(files: KeepFiles, path: string, how: { text: string; sync: boolean }): void {
  const { text, sync } = how;
  const file = files.createNew(path, 0o600);
  file.write(Buffer.from(text), 0, text.length);
  if (sync) file.sync();
  file.close();
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'no error';
}
