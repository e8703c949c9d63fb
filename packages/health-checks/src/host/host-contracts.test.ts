import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHealthCheck } from '@qts-ops/core/testing';
import { describe } from 'vitest';
import { lookedAt, lookedAtFolder } from '../../test/looked-at.ts';
import { type CpuLoadOptions, cpuLoad } from './cpu-load.ts';
import { type DiskOptions, disk } from './disk.ts';
import { type MemoryOptions, memory } from './memory.ts';
import { type ProcessOptions, runningProcess } from './process.ts';

describeHealthCheck<DiskOptions>('disk', {
  kind: disk,
  states: ['pass', 'warn', 'fail'],
  start: async (state) => {
    const limits = { failAbovePercent: 99, warnAbovePercent: state === 'warn' ? 1 : 99 };
    return lookedAt({ path: state === 'fail' ? '/nowhere/at/all' : tmpdir(), ...limits });
  },
  wrongOptions: [{ options: { path: '', failAbovePercent: 0 }, fields: ['path', 'failAbovePercent'] }],
});

describeHealthCheck<MemoryOptions>('memory', {
  kind: memory,
  states: ['pass', 'warn', 'fail'],
  start: async (state) =>
    lookedAt({
      failAbovePercent: state === 'fail' ? 1 : 100,
      warnAbovePercent: state === 'pass' ? 100 : 1,
    }),
  wrongOptions: [
    {
      options: { failAbovePercent: 0, warnAbovePercent: 'x' },
      fields: ['failAbovePercent', 'warnAbovePercent'],
    },
  ],
});

describeHealthCheck<CpuLoadOptions>('cpu_load', {
  kind: cpuLoad,
  states: ['pass'],
  start: async () => lookedAt({ failAbovePerProcessor: 10_000 }),
  wrongOptions: [
    { options: { failAbovePerProcessor: 0, window: '1h' }, fields: ['failAbovePerProcessor', 'window'] },
  ],
});

describe.skipIf(process.platform !== 'linux')('on Linux, where processes can be looked at', () => {
  describeHealthCheck<ProcessOptions>('process', {
    kind: runningProcess,
    states: ['pass', 'fail', 'unknown'],
    start: async (state) =>
      lookedAtFolder((folder) => {
        const pidFile = join(folder, 'desk.pid');
        if (state === 'pass') writeFileSync(pidFile, String(process.pid));
        if (state === 'unknown') writeFileSync(pidFile, 'soon');
        return { pidFile };
      }),
    wrongOptions: [{ options: { atLeast: -1 }, fields: ['atLeast', 'pidFile', 'name'] }],
  });
});
