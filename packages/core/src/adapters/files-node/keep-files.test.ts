import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeKeepFiles } from './keep-files.ts';

const files = nodeKeepFiles();
let folder = '';
const at = (...names: readonly string[]) => join(folder, ...names);
const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(() => {
  folder = files.realPath(mkdtempSync(join(tmpdir(), 'keep-files-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the files of the machine', () => {
  it('tell of a name itself and not of what it leads to', () => {
    writeFileSync(at('file'), 'abc', { mode: 0o640 });
    symlinkSync('file', at('link'));
    expect(files.facts(at('file'))).toMatchObject({ kind: 'file', size: 3, mode: 0o640, nlink: 1 });
    expect(files.facts(at('link'))).toMatchObject({ kind: 'symlink' });
    expect(files.facts(at('missing'))).toBeUndefined();
    expect(files.readLink(at('link'))).toBe('file');
    expect(files.realPath(at('link'))).toBe(at('file'));
  });

  it('open no link, wait for no pipe, and replace nothing', () => {
    writeFileSync(at('file'), 'abc');
    symlinkSync('file', at('link'));
    execFileSync('mkfifo', [at('pipe')]);
    expect(() => files.openRead(at('link'))).toThrow(code('ELOOP'));
    expect(() => files.createNew(at('link'), 0o600)).toThrow(code('EEXIST'));
    expect(() => files.createNew(at('file'), 0o600)).toThrow(code('EEXIST'));
    expect(() => files.openAppend(at('link'), 0o600)).toThrow(code('ELOOP'));
    expect(() => files.link(at('file'), at('pipe'))).toThrow(code('EEXIST'));
    const pipe = files.openRead(at('pipe'));
    expect(pipe.facts().kind).toBe('other');
    pipe.close();
  });

  it('list names that are not text with their bytes', () => {
    writeFileSync(at('plain'), '');
    writeFileSync(at('real-\uFFFD'), '');
    const bytes = Buffer.from([0x62, 0xff, 0x64]);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), bytes]), '');
    mkdirSync(at('sub'));
    const listed = files.list(folder).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(listed).toEqual([
      { name: 'b\uFFFDd', bytes, kind: 'file' },
      { name: 'plain', kind: 'file' },
      { name: 'real-\uFFFD', kind: 'file' },
      { name: 'sub', kind: 'folder' },
    ]);
  });

  it('write one piece behind the other, cut back, and write on from there', () => {
    const file = files.createNew(at('new'), 0o604);
    const put = (text: string) => file.write(Buffer.from(text), 0, text.length);
    expect(put('hello ')).toBe(6);
    put('wrong');
    file.truncate(6);
    put('world');
    file.sync();
    expect(file.facts()).toMatchObject({ size: 11, mode: 0o604 });
    file.close();
    file.close();
    expect(() => put('late')).toThrow(code('EBADF'));
    files.syncFolder(folder);
    expect(readFileSync(at('new'), 'utf8')).toBe('hello world');
    const log = files.openAppend(at('new'), 0o600);
    log.write(Buffer.from('!'), 0, 1);
    log.close();
    expect(readFileSync(at('new'), 'utf8')).toBe('hello world!');
  });

  it('publish a file under a second name and take the first one away', () => {
    writeFileSync(at('partial'), 'x');
    files.link(at('partial'), at('final'));
    expect(files.facts(at('final'))?.nlink).toBe(2);
    files.unlink(at('partial'));
    files.rename(at('final'), at('kept'));
    files.makeFolder(at('a', 'b'), 0o700);
    expect(() => files.removeFolder(at('a'))).toThrow(code('ENOTEMPTY'));
    files.removeFolder(at('a', 'b'));
    expect(files.list(folder).map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'kept']));
  });

  it('set times to the microsecond and say how much room there is', () => {
    writeFileSync(at('file'), '');
    const wanted = 1_759_400_000_123_456_000n;
    files.setTimes(at('file'), wanted);
    files.setMode(at('file'), 0o400);
    const facts = files.facts(at('file'));
    expect(facts?.mode).toBe(0o400);
    const off = (facts?.mtimeNs ?? 0n) - wanted;
    expect(off < 1_000n && off > -1_000n).toBe(true);
    expect(files.space(folder).freeBytes).toBeGreaterThan(0);
    expect(files.space(folder).totalBytes).toBeGreaterThan(files.space(folder).freeBytes);
  });
});
