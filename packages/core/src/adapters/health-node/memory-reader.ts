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

/** How a version of control groups names what it tells. */
interface GroupNames {
  readonly limit: string;
  readonly used: string;
  readonly reclaimable: RegExp;
}

const SECOND: GroupNames = {
  limit: 'memory.max',
  used: 'memory.current',
  reclaimable: /^inactive_file (\d+)$/m,
};
const FIRST: GroupNames = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  reclaimable: /^total_inactive_file (\d+)$/m,
};

/** The control group with the least room, from ours up to the root, in both versions; absent where none has a limit. */
async function readGroup({ proc, cgroup, totalBytes }: MemoryFiles): Promise<Use | undefined> {
  const own = await textOf(join(proc, 'self', 'cgroup'));
  const second = /^0::(\/.*)$/m.exec(own)?.[1] ?? '/';
  const first = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(\/.*)$/m.exec(own)?.[1];
  const uses = [
    ...(await usesUpwards(second, (path) => useOf(join(cgroup, path), SECOND, totalBytes))),
    ...(first === undefined
      ? []
      : await usesUpwards(first, (path) => useOf(join(cgroup, 'memory', path), FIRST, totalBytes))),
  ];
  return uses.toSorted((a, b) => room(a) - room(b))[0];
}

async function usesUpwards(
  own: string,
  read: (path: string) => Promise<Use | undefined>,
): Promise<readonly Use[]> {
  const uses: Use[] = [];
  for (let path = own; ; path = posix.dirname(path)) {
    const use = await read(path);
    if (use !== undefined) uses.push(use);
    if (path === '/') return uses;
  }
}

async function useOf(folder: string, names: GroupNames, totalBytes: number): Promise<Use | undefined> {
  const limit = Number.parseInt(await textOf(join(folder, names.limit)), 10);
  const current = Number.parseInt(await textOf(join(folder, names.used)), 10);
  if (Number.isNaN(limit) || Number.isNaN(current)) return undefined;
  const facts = await textOf(join(folder, 'memory.stat'));
  const reclaimable = Number(names.reclaimable.exec(facts)?.[1] ?? 0);
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
