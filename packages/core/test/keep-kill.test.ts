import { expect, it } from 'vitest';
import { keepKillRounds } from './keep-kill-rounds.ts';

it.skipIf(process.platform === 'win32')(
  'a process killed while it backs up, verifies, cleans up or restores loses nothing, and the next run is clean',
  { timeout: 240_000 },
  async () => {
    const { findings, killed } = await keepKillRounds(10, 20_261_120);
    expect(findings).toEqual([]);
    expect(Object.values(killed).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(4);
  },
);
