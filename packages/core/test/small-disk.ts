import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sourceTree } from './source-tree.ts';

/** A disk that is full when somebody wants it to be. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  resize(size: string): void;
}

/** Mounts a disk in memory on a new folder. */
export function tmpfs(path: string, size: string): SmallDisk {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  return {
    path,
    resize: (to) => void execFileSync('mount', ['-o', `remount,size=${to}`, path]),
    [Symbol.dispose]: () => void execFileSync('umount', [path]),
  };
}

/** Only root mounts, and not in every container. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  using tree = sourceTree();
  try {
    tmpfs(join(tree.folder, 'probe'), '1m')[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}
