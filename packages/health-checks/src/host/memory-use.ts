import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../look/trouble.ts';

/** How much memory there is and how much of it cannot be had any more, bytes. */
export interface MemoryUse {
  readonly limitBytes: number;
  readonly usedBytes: number;
  /** Whose limit it is: the machine's, or that of the group of processes we run in. */
  readonly of: 'machine' | 'group';
}

/** Where the operating system tells about memory; other folders only in tests. */
export interface MemoryPlaces {
  readonly procFolder: string;
  readonly groupsFolder: string;
}

/** The places of Linux. */
export const LINUX_MEMORY: MemoryPlaces = { procFolder: '/proc', groupsFolder: '/sys/fs/cgroup' };

/**
 * What is used of the memory this process can ever get. In a container that is the limit of the container, not the
 * size of the machine; memory that holds files only for speed counts as free in both.
 */
export async function readMemoryUse(places: MemoryPlaces): Promise<MemoryUse> {
  const machine = await machineUse(places.procFolder);
  const groups = await groupUses(places);
  // The nearest limit is the one that is hit first. A group without a limit says a number beyond the machine.
  return groups
    .filter(({ limitBytes }) => limitBytes < machine.limitBytes)
    .reduce((nearest, group) => (roomOf(group) < roomOf(nearest) ? group : nearest), machine);
}

function roomOf({ limitBytes, usedBytes }: MemoryUse): number {
  return limitBytes - usedBytes;
}

async function machineUse(procFolder: string): Promise<MemoryUse> {
  const facts = numbersIn(await readFile(join(procFolder, 'meminfo'), 'utf8'));
  const totalKiB = facts.get('MemTotal:') ?? 0;
  const availableKiB = facts.get('MemAvailable:') ?? facts.get('MemFree:') ?? 0;
  return { limitBytes: totalKiB * 1_024, usedBytes: (totalKiB - availableKiB) * 1_024, of: 'machine' };
}

/** Our group and all groups above it: a limit further up counts for us too. */
async function groupUses({ procFolder, groupsFolder }: MemoryPlaces): Promise<readonly MemoryUse[]> {
  const lines = (await readIfThere(join(procFolder, 'self/cgroup')))?.split('\n') ?? [];
  const uses: MemoryUse[] = [];
  for (const line of lines) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const isNew = line.startsWith('0::');
    if (!isNew && !controllers.split(',').includes('memory')) continue;
    const root = isNew ? groupsFolder : join(groupsFolder, 'memory');
    const names = path.split('/').filter((name) => name !== '');
    for (let length = names.length; length >= 0; length--) {
      const folder = join(root, ...names.slice(0, length));
      const use = isNew ? await newGroupUse(folder) : await oldGroupUse(folder);
      if (use !== undefined) uses.push(use);
    }
  }
  return uses;
}

async function newGroupUse(folder: string): Promise<MemoryUse | undefined> {
  const limit = Number(await readIfThere(join(folder, 'memory.max')));
  const current = Number(await readIfThere(join(folder, 'memory.current')));
  // `max`, or no such file: no limit.
  if (!Number.isFinite(limit) || limit <= 0 || !Number.isFinite(current)) return undefined;
  const facts = numbersIn((await readIfThere(join(folder, 'memory.stat'))) ?? '');
  const usedBytes = Math.max(0, current - (facts.get('inactive_file') ?? 0));
  return { limitBytes: limit, usedBytes, of: 'group' };
}

async function oldGroupUse(folder: string): Promise<MemoryUse | undefined> {
  const limit = Number(await readIfThere(join(folder, 'memory.limit_in_bytes')));
  const current = Number(await readIfThere(join(folder, 'memory.usage_in_bytes')));
  if (!Number.isFinite(limit) || limit <= 0 || !Number.isFinite(current)) return undefined;
  const facts = numbersIn((await readIfThere(join(folder, 'memory.stat'))) ?? '');
  const usedBytes = Math.max(0, current - (facts.get('total_inactive_file') ?? 0));
  return { limitBytes: limit, usedBytes, of: 'group' };
}

function numbersIn(text: string): ReadonlyMap<string, number> {
  const rows = text.split('\n').map((line) => line.split(/\s+/));
  return new Map(rows.map(([name = '', value]) => [name, Number(value)]));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
