import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHealthCheck, type LookedAtState } from '@qts-ops/core/testing';
import { expect, it } from 'vitest';
import { waitingOrders } from './waiting-orders.ts';

const COUNTS: Partial<Record<LookedAtState, number>> = { pass: 1, warn: 3, fail: 6 };

describeHealthCheck('waiting_orders', {
  kind: waitingOrders,
  states: ['pass', 'warn', 'fail', 'unknown'],
  start: async (state) => {
    const folder = mkdtempSync(join(tmpdir(), 'waiting-orders-'));
    for (let number = 0; number < (COUNTS[state] ?? 0); number += 1)
      writeFileSync(join(folder, `${number}.json`), '{}');
    return {
      options: { folder: state === 'unknown' ? join(folder, 'missing') : folder, warnAbove: 2, failAbove: 5 },
      picture: () => readdirSync(folder),
      [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  wrongOptions: [{ options: { folder: '', warnAbove: -1 }, fields: ['folder', 'warnAbove'] }],
});

it('is at most forty lines long and stands in the guide as it is', () => {
  const source = readFileSync(join(import.meta.dirname, 'waiting-orders.ts'), 'utf8');
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/write-a-check.md'), 'utf8');
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  expect(guide).toContain(source);
});
