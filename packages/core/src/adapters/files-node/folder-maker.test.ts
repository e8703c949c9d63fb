import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolders } from './folder-maker.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'qts-ops-folders-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('makes every missing folder with the rights that are asked for, and takes one that is there', () => {
  makeFolders(join(home, 'a/b/c'), 0o700);
  for (const one of ['a', 'a/b', 'a/b/c']) expect(statSync(join(home, one)).mode & 0o777).toBe(0o700);
  makeFolders(join(home, 'a/b/c'), 0o755);
  expect(statSync(join(home, 'a/b/c')).mode & 0o777).toBe(0o700);
});

it('refuses where a file is in the way, or a link to nothing', () => {
  writeFileSync(join(home, 'file'), '');
  symlinkSync(join(home, 'nowhere'), join(home, 'link'));
  expect(() => makeFolders(join(home, 'file'), 0o700)).toThrow('EEXIST');
  expect(() => makeFolders(join(home, 'file/below'), 0o700)).toThrow('ENOTDIR');
  expect(() => makeFolders(join(home, 'link'), 0o700)).toThrow('EEXIST');
  expect(existsSync(join(home, 'nowhere'))).toBe(false);
});

it.runIf(platform() === 'linux')(
  'ends where the system says that nothing is there and lets nothing be made',
  () => {
    expect(() => makeFolders('/proc/qts-ops/below', 0o700)).toThrow('ENOENT');
  },
);
