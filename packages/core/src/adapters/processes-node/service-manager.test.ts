import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceManager } from './service-manager.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-manager-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is nobody where nobody listens', () => {
  expect(serviceManager({})).toBeUndefined();
});

it('is told by its own program, twice as often as it waits for', async () => {
  const command = join(folder, 'notify');
  writeFileSync(command, `#!/bin/sh\necho "$@" >> ${folder}/told\n`);
  chmodSync(command, 0o755);
  const env = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) };
  const manager = serviceManager(env, command);
  expect(manager?.everyMs).toBe(15_000);
  await manager?.tell('READY=1');
  expect(readFileSync(join(folder, 'told'), 'utf8')).toBe(`--pid=${process.pid} READY=1\n`);
});

it('that waits for another process, or for nothing, gets no signs; one that is missing says so', async () => {
  const env = { NOTIFY_SOCKET: '/run/notify' };
  expect(serviceManager({ ...env, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' })).not.toHaveProperty(
    'everyMs',
  );
  expect(serviceManager(env)).not.toHaveProperty('everyMs');
  await expect(serviceManager(env, join(folder, 'gone'))?.tell('READY=1')).rejects.toThrow('ENOENT');
});
