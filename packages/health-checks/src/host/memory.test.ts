import { mkdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { lookOnce, problemsOf } from '../../test/check-bench.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { memory, memoryFinding } from './memory.ts';
import { LINUX_MEMORY, readMemoryUse } from './memory-use.ts';

const GIB = 1_073_741_824;
const limits = { failAbovePercent: 90, warnAbovePercent: 70, answerWithinMs: 1_000 };

it('sees a plausible use of this machine or container', async ({ skip }) => {
  skip(process.platform !== 'linux', 'memory is read from /proc, which only Linux has');
  const use = await readMemoryUse(LINUX_MEMORY);
  expect(use.limitBytes).toBeLessThanOrEqual(totalmem());
  expect(use.usedBytes).toBeGreaterThan(0);
  expect(use.usedBytes).toBeLessThan(use.limitBytes);
  const finding = await lookOnce(memory({ failAbovePercent: 100 }));
  expect(finding).toMatchObject({ status: 'pass', unit: '%' });
});

it('fails and warns by the share of the limit', () => {
  const found = (usedBytes: number) => memoryFinding({ limitBytes: GIB, usedBytes, of: 'machine' }, limits);
  expect(found(GIB / 2).status).toBe('pass');
  expect(found(GIB * 0.8).status).toBe('warn');
  expect(found(GIB * 0.95)).toMatchObject({ status: 'fail', value: 95 });
  expect(found(GIB * 0.95).message).toBe(
    'memory: 95 % used of the 1.1 GB this machine has, allowed up to 90 %',
  );
});

it('takes the limit of the container, without what it holds of files, where that is nearer', async () => {
  using places = memoryPlaces({
    'proc/meminfo': 'MemTotal: 8388608 kB\nMemAvailable: 8000000 kB\n',
    'proc/self/cgroup': '0::/desk/engine\n',
    'groups/desk/memory.max': String(GIB),
    'groups/desk/memory.current': String(GIB * 0.875),
    'groups/desk/memory.stat': `anon 1\ninactive_file ${GIB * 0.25}\n`,
    'groups/desk/engine/memory.max': 'max\n',
    'groups/desk/engine/memory.current': '1\n',
  });
  expect(await readMemoryUse(places)).toEqual({
    limitBytes: GIB,
    usedBytes: GIB * 0.625,
    of: 'group',
  });
});

it('takes the machine where the container has no limit, which older systems write as a huge number', async () => {
  using places = memoryPlaces({
    'proc/meminfo': 'MemTotal: 1048576 kB\nMemAvailable: 524288 kB\n',
    'proc/self/cgroup': '5:cpu,memory:/desk\n',
    'groups/memory/desk/memory.limit_in_bytes': '9223372036854771712\n',
    'groups/memory/desk/memory.usage_in_bytes': '4096\n',
  });
  expect(await readMemoryUse(places)).toEqual({ limitBytes: GIB, usedBytes: GIB / 2, of: 'machine' });
});

it('says unknown where the system does not say how much there is', () => {
  const nothing = { limitBytes: 0, usedBytes: 0, of: 'machine' } as const;
  expect(memoryFinding(nothing, { failAbovePercent: 95, answerWithinMs: 2_000 }).status).toBe('unknown');
});

it('names every wrong option at once', () => {
  const said = problemsOf(() => memory({ failAbovePercent: 0, warnAbovePercent: 101 }));
  expect(said).toMatch(/failAbovePercent.*warnAbovePercent/s);
});

function memoryPlaces(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return {
    procFolder: join(folder.path, 'proc'),
    groupsFolder: join(folder.path, 'groups'),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
