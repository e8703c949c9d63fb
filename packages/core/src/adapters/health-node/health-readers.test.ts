import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClockState } from './clock-reader.ts';
import { readDisks } from './disk-reader.ts';
import { openLoopReader } from './loop-reader.ts';
import { clampedLimit, readMemory } from './memory-reader.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-readers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('disks', () => {
  it('are as full as df says, in space and inodes', async () => {
    const [reading] = await readDisks([folder]);
    const dfOf = (...fields: readonly string[]) =>
      Number.parseFloat(execFileSync('df', [...fields, folder], { encoding: 'utf8' }).split('\n')[1] ?? '');
    // df rounds up to whole percents, and others write to the disk meanwhile.
    expect(Math.abs((reading?.usedPercent ?? -9) - dfOf('--output=pcent'))).toBeLessThan(1.5);
    const inodes = dfOf('--output=ipcent');
    if (Number.isNaN(inodes)) expect(reading?.inodesUsedPercent).toBeUndefined();
    else expect(Math.abs((reading?.inodesUsedPercent ?? -9) - inodes)).toBeLessThan(1.5);
    expect(reading?.availableBytes).toBeGreaterThan(0);
  });

  it('that are gone are an error', async () => {
    await expect(readDisks([join(folder, 'gone')])).rejects.toThrow('ENOENT');
  });
});

describe('memory', () => {
  const GIB = 2 ** 30;
  const files = () => ({ proc: join(folder, 'proc'), cgroup: join(folder, 'cgroup'), totalBytes: 8 * GIB });

  it('of this machine is a share of what there is', async () => {
    const { usedBytes, limitBytes, residentBytes, heapUsedPercent } = await readMemory();
    expect(usedBytes).toBeGreaterThan(0);
    expect(usedBytes).toBeLessThanOrEqual(limitBytes);
    expect(limitBytes).toBeLessThanOrEqual(totalmem());
    expect(residentBytes).toBeGreaterThan(1e6);
    expect(heapUsedPercent).toBeGreaterThan(0);
  });

  it('counts by the tightest limit of the control groups, without pages that can be given back', async () => {
    write('proc/meminfo', `MemTotal: ${8 * 2 ** 20} kB\nMemAvailable: ${6 * 2 ** 20} kB\n`);
    write('proc/self/cgroup', '0::/slice/service\n');
    write('cgroup/slice/memory.max', `${2 * GIB}\n`);
    write('cgroup/slice/memory.current', `${GIB}\n`);
    write('cgroup/slice/memory.stat', `anon 5\ninactive_file ${GIB / 2}\n`);
    write('cgroup/slice/service/memory.max', 'max\n');
    write('cgroup/slice/service/memory.current', '100\n');
    expect(await readMemory(files())).toMatchObject({
      usedBytes: GIB / 2,
      limitBytes: 2 * GIB,
      limitedBy: 'cgroup',
    });
  });

  it('counts by the machine where no group has a limit', async () => {
    write('proc/meminfo', `MemTotal:        ${8 * 2 ** 20} kB\nMemAvailable:    ${6 * 2 ** 20} kB\n`);
    write('proc/self/cgroup', '0::/\n');
    write('cgroup/memory.max', 'max\n');
    expect(await readMemory(files())).toMatchObject({
      usedBytes: 2 * GIB,
      limitBytes: 8 * GIB,
      limitedBy: 'machine',
    });
  });

  it('counts by the groups of the first version too, whose number for no limit is beyond every machine', async () => {
    write('proc/meminfo', `MemTotal: ${8 * 2 ** 20} kB\nMemAvailable: ${6 * 2 ** 20} kB\n`);
    write('proc/self/cgroup', '11:cpu,cpuacct:/a\n9:memory:/docker/abc\n1:name=systemd:/a\n');
    write('cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n');
    write('cgroup/memory/memory.usage_in_bytes', `${3 * GIB}\n`);
    expect(await readMemory(files())).toMatchObject({ limitBytes: 8 * GIB, limitedBy: 'machine' });
    write('cgroup/memory/docker/abc/memory.limit_in_bytes', `${GIB}\n`);
    write('cgroup/memory/docker/abc/memory.usage_in_bytes', `${GIB / 2}\n`);
    write('cgroup/memory/docker/abc/memory.stat', `inactive_file 1\ntotal_inactive_file ${GIB / 4}\n`);
    expect(await readMemory(files())).toMatchObject({
      usedBytes: GIB / 4,
      limitBytes: GIB,
      limitedBy: 'cgroup',
    });
  });

  it('a limit that means none is the memory of the machine', () => {
    expect([undefined, 0, 2 ** 64, 5].map((limit) => clampedLimit(limit, 10))).toEqual([10, 10, 10, 5]);
  });
});

it('the event loop tells how long it kept work waiting, since the reading before', async () => {
  const reader = openLoopReader();
  try {
    await new Promise((resolve) => setTimeout(resolve, 50));
    reader.read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const until = performance.now() + 200;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reader.read().maxMs).toBeGreaterThan(100);
    expect(reader.read().maxMs).toBeLessThan(100);
  } finally {
    reader.close();
  }
});

describe('the clock', () => {
  it.each([
    ['echo yes', { synchronised: true }],
    ['echo no', { synchronised: false }],
    ['echo what; exit 1', {}],
  ])('of a machine that answers "%s"', async (answer, state) => {
    const command = join(folder, 'timedatectl');
    writeFileSync(command, `#!/bin/sh\n${answer}\n`);
    chmodSync(command, 0o755);
    expect(await readClockState(command)).toEqual(state);
  });

  it('of a machine without the command says nothing', async () => {
    expect(await readClockState(join(folder, 'gone'))).toEqual({});
  });
});
