import { expect, it } from 'vitest';
import { killRounds } from './kill-rounds.ts';

it.skipIf(process.platform !== 'linux')(
  'an engine killed at any point leaves no row, no process and no slot behind, and runs nothing twice',
  { timeout: 480_000 },
  async () => {
    const report = await killRounds(12, 20_260_102);
    expect(report.findings).toEqual([]);
    expect(report.interrupted).toBeGreaterThan(5);
  },
);
