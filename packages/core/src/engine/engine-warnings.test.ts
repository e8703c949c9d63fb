import { expect, it } from 'vitest';
import '../run/calendars/calendar-errors.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { testTarget } from '../testing/test-targets.ts';

it('says at every start what the config warned of, and runs the targets that are well', async () => {
  let runs = 0;
  const warning = (code: string, en: string) => ({ code, path: 'targets[0].calendar', text: { en, ko: en } });
  await using test = await createTestOps({
    targets: [testTarget('feed', () => void runs++)],
    config: {
      warnings: [warning('INP-0703', 'XKRX: data end soon'), warning('INP-0704', 'XNYS: data ended')],
    },
  });
  await test.clock.advance(1000);
  expect(test.alerts).toEqual([
    'CRITICAL INP-0704 targets[0].calendar: XNYS: data ended',
    'WARNING INP-0703 targets[0].calendar: XKRX: data end soon',
  ]);
  expect(runs).toBe(1);
});
