import { expect, it } from 'vitest';
import { Secret } from '../kernel/secret.ts';
import { judgeStray } from './stray-errors.ts';

const nowMs = Date.UTC(2026, 10, 20, 12, 30);
const noRuns = { find: () => undefined };

it('tells of a promise that no run left behind, without secrets, and of several as one', () => {
  const stray = {
    error: new Error('token hunter2hunter2 refused'),
    origin: undefined,
    secrets: [new Secret('TOKEN', 'hunter2hunter2')],
  };
  const signal = judgeStray(noRuns, { ...stray, atMs: nowMs });
  expect(signal?.message).toMatch(/^a promise was rejected and nobody waited for it \(no run\): token /);
  expect(JSON.stringify(signal)).not.toContain('hunter2');
  const next = judgeStray(noRuns, { ...stray, error: new Error('another'), atMs: nowMs + 1000 });
  expect(next?.dedupKey).toBe(signal?.dedupKey);
});
