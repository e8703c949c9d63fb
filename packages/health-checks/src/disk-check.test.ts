import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { isOpsException } from '@qts-ops/core/plugin';
import { expect, it } from 'vitest';
import { diskCheck } from './disk-check.ts';
import { usedPercent } from './disk-use.ts';
import {
  CHECK_BROKER_HEARTBEAT,
  CHECK_ETEDA_LOOP_LATENCY,
  CHECK_GOOGLE_SHEETS,
  CHECK_REPOSITORY_HEALTH,
} from './index.ts';

it('keeps the check names of the specification', () => {
  expect([
    CHECK_GOOGLE_SHEETS,
    CHECK_REPOSITORY_HEALTH,
    CHECK_BROKER_HEARTBEAT,
    CHECK_ETEDA_LOOP_LATENCY,
  ]).toEqual(['google_sheets', 'repository_health', 'broker_heartbeat', 'eteda_loop_latency']);
});

it('counts the share an ordinary user can reach, rounded up like df', () => {
  expect(usedPercent({ blocks: 100, freeBlocks: 50, availableBlocks: 45 })).toBe(53);
  expect(usedPercent({ blocks: 100, freeBlocks: 100, availableBlocks: 100 })).toBe(0);
  expect(usedPercent({ blocks: 100, freeBlocks: 5, availableBlocks: 0 })).toBe(100);
  expect(usedPercent({ blocks: 0, freeBlocks: 0, availableBlocks: 0 })).toBe(0);
});

it('says the same number as df for a real file system, give or take what is written meanwhile', async () => {
  const [, message] = await diskCheck({ path: tmpdir(), failAbovePercent: 99 })();
  const seen = Number(/: (\d+) % used/.exec(message)?.[1]);
  expect(Math.abs(seen - dfPercent(tmpdir()))).toBeLessThanOrEqual(1);
});

it('is well below the limit and not well above it', async () => {
  const percent = dfPercent(tmpdir());
  const [ok] = await diskCheck({ path: tmpdir(), failAbovePercent: Math.min(99, percent + 2) })();
  expect(ok).toBe(percent + 2 <= 100);
  const limit = Math.max(1, percent - 2);
  const verdict = await diskCheck({ path: tmpdir(), failAbovePercent: limit })();
  expect(verdict[0]).toBe(percent <= limit);
});

it('is not well when the path does not exist, and says so', async () => {
  const verdict = await diskCheck({ path: '/nowhere/at/all', failAbovePercent: 90 })();
  expect(verdict).toEqual([false, '/nowhere/at/all: cannot be looked at (ENOENT)']);
});

it('names every wrong option at once', () => {
  const error = thrownBy(() => diskCheck({ path: '', failAbovePercent: 150 }));
  expect(isOpsException(error)).toBe(true);
  expect(error).toMatchObject({ code: 'INP-0521' });
  expect(String(error)).toContain('diskCheck.path');
  expect(String(error)).toContain('diskCheck.failAbovePercent');
});

function dfPercent(path: string): number {
  const last = execFileSync('df', ['-P', path], { encoding: 'utf8' }).trimEnd().split('\n').at(-1) ?? '';
  return Number(/(\d+)%/.exec(last)?.[1]);
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
