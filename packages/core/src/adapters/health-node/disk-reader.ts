import { statfs } from 'node:fs/promises';
import type { DiskReading } from '../../watch/health/self-readers.ts';

/**
 * How full the file systems of these paths are, as `df` counts: used space of used and available space, so that
 * what is reserved for root counts as neither.
 * @throws the system's error for a path that cannot be looked at.
 */
export async function readDisks(paths: readonly string[]): Promise<readonly DiskReading[]> {
  return Promise.all(paths.map(readDisk));
}

async function readDisk(path: string): Promise<DiskReading> {
  const { blocks, bfree, bavail, bsize, files, ffree } = await statfs(path);
  const used = blocks - bfree;
  return {
    path,
    usedPercent: used + bavail === 0 ? 0 : (used / (used + bavail)) * 100,
    availableBytes: bavail * bsize,
    // File systems that make inodes as they need them report none.
    ...(files > 0 ? { inodesUsedPercent: ((files - ffree) / files) * 100 } : {}),
  };
}
