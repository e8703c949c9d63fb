import type { HealthCheckView, HealthView } from '@qts-ops/core/client';
import { expect, it } from 'vitest';
import { judgeLife } from './life-verdict.ts';

const NOW = 1_800_000_000_000;
const view = (...checks: ReadonlyArray<Partial<HealthCheckView>>) =>
  ({ atMs: NOW, status: 'fail', isolated: false, checks }) as unknown as HealthView; // Of a check, only these fields count.

it('lives while checks look, whatever they find', () => {
  const broker = { id: 'broker', status: 'fail', critical: true, lookedAtMs: NOW - 4000 } as const;
  const old = { id: 'daily', status: 'pass', lookedAtMs: NOW - 80_000_000 } as const;
  expect(judgeLife(view(old, broker), 60_000)).toEqual({
    lives: true,
    text: 'the newest look of a check is 4 s old',
  });
  expect(judgeLife(view(), 60_000).lives).toBe(true);
});

it('does not live when nobody looks, or its scheduler stands still', () => {
  expect(judgeLife(view({ id: 'a', lookedAtMs: NOW - 60_001 }), 60_000).lives).toBe(false);
  expect(judgeLife(view({ id: 'a', lookedAtMs: NOW + 3_600_000 }), 60_000).lives).toBe(false);
  expect(judgeLife(view({ id: 'a' }), 60_000)).toEqual({ lives: false, text: 'no check has looked yet' });
  const scheduler = { id: 'self-scheduler', status: 'fail', lookedAtMs: NOW } as const;
  expect(judgeLife(view(scheduler), 60_000)).toEqual({ lives: false, text: 'the scheduler stands still' });
});
