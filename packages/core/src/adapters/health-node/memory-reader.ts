import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, posix } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import type { MemoryReading } from '../../watch/health/self-readers.ts';

/** Where the kernel tells; replaced in tests. */
export interface MemoryFiles {
  /** `/proc` */
  readonly proc: string;
  /** `/sys/fs/cgroup` */
  readonly cgroup: string;
  readonly totalBytes: number;
}

const MACHINE: MemoryFiles = { proc: '/proc', cgroup: '/sys/fs/cgroup', totalBytes: totalmem() };

interface Use {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/**
 * How much memory is used, of what this process may use: the tightest limit of its control groups, or all of the
 * machine. Pages of files that can be given back at once do not count as used.
 */
export async function readMemory(files: MemoryFiles = MACHINE): Promise<MemoryReading> {
  const machine = await readMachine(files);
  const group = await readGroup(files);
  const isLimited = group !== undefined && group.limitBytes < machine.limitBytes;
  const heap = getHeapStatistics();
  return {
    ...(isLimited ? group : machine),
    limitedBy: isLimited ? 'cgroup' : 'machine',
    residentBytes: process.memoryUsage.rss(),
    heapUsedPercent: (heap.used_heap_size / heap.heap_size_limit) * 100,
  };
}

/** The limit Node reports, for machines without readable control groups: «none» is a huge number, which is cut. */
export function clampedLimit(constrainedBytes: number | undefined, totalBytes: number): number {
  if (constrainedBytes === undefined || constrainedBytes <= 0) return totalBytes;
  return Math.min(constrainedBytes, totalBytes);
}

async function readMachine({ proc, totalBytes }: MemoryFiles): Promise<Use> {
  const text = await textOf(join(proc, 'meminfo'));
  const available = kilobytesOf(text, 'MemAvailable') ?? process.availableMemory();
  const limitBytes = clampedLimit(kilobytesOf(text, 'MemTotal'), totalBytes);
  return { usedBytes: Math.max(0, limitBytes - available), limitBytes };
}

/** The control group with the least room, from ours up to the root; absent where none has a limit. */
async function readGroup({ proc, cgroup, totalBytes }: MemoryFiles): Promise<Use | undefined> {
  const own = /^0::(\/.*)$/m.exec(await textOf(join(proc, 'self', 'cgroup')))?.[1];
  let tightest: Use | undefined;
  for (let path = own ?? '/'; ; path = posix.dirname(path)) {
    const use = await useOf(join(cgroup, path), totalBytes);
    if (use !== undefined && (tightest === undefined || room(use) < room(tightest))) tightest = use;
    if (path === '/') return tightest;
  }
}

async function useOf(folder: string, totalBytes: number): Promise<Use | undefined> {
  const limit = Number.parseInt(await textOf(join(folder, 'memory.max')), 10);
  const current = Number.parseInt(await textOf(join(folder, 'memory.current')), 10);
  if (Number.isNaN(limit) || Number.isNaN(current)) return undefined;
  const reclaimable = Number(
    /^inactive_file (\d+)$/m.exec(await textOf(join(folder, 'memory.stat')))?.[1] ?? 0,
  );
  return { usedBytes: Math.max(0, current - reclaimable), limitBytes: clampedLimit(limit, totalBytes) };
}

function room({ usedBytes, limitBytes }: Use): number {
  return limitBytes - usedBytes;
}

function kilobytesOf(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}

/** The text of a file of the kernel; empty where there is none. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}
