import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generatedSource } from './bar-sources.ts';
import { type Dashboard, updateDashboard } from './dashboard.ts';
import { runBatch } from './desk-run.ts';
import { startProgram, temporaryFolder } from './desk-testing.ts';

const nowMs = Date.parse('2026-01-05T01:00:00Z');

it('shows positions, equity, profit, the last decisions, row counts and safety', async () => {
  using folder = temporaryFolder();
  const { state } = await runBatch({ dataDir: folder.path, source: generatedSource(3), batch: 1_000 });
  const outDir = join(folder.path, 'out');
  const dashboard = updateDashboard({ dataDir: folder.path, outDir, nowMs });
  const page = readFileSync(join(outDir, 'dashboard.md'), 'utf8');
  expect(readdirSync(outDir).sort()).toEqual(['dashboard.json', 'dashboard.md']);
  expect(JSON.parse(readFileSync(join(outDir, 'dashboard.json'), 'utf8'))).toEqual(dashboard);
  expect(dashboard).toMatchObject({ rows: 1_000, safety: 'NORMAL', updatedAt: '2026-01-05T01:00:00.000Z' });
  expect(dashboard.lastDecisions.map((row) => row.seq)).toEqual([
    999, 998, 997, 996, 995, 994, 993, 992, 991, 990,
  ]);
  expect(dashboard.positions.map((row) => row.symbol)).toEqual(Object.keys(state.ledger.positions).sort());
  expect(dashboard.equity).toBeCloseTo(invested(dashboard) + dashboard.cash, 6);
  expect(page).toContain('- Safety: **NORMAL**');
  expect(page).toContain('- Rows of each kind: 1000 (0 rejected)');
  for (const { symbol, quantity } of dashboard.positions)
    expect(page).toContain(`| ${symbol} | ${quantity} |`);
});

it('leaves out rows that are not committed or are being written', async () => {
  using folder = temporaryFolder();
  await runBatch({ dataDir: folder.path, source: generatedSource(3), batch: 3 });
  const file = join(folder.path, 'decision_snapshot', '20260105.jsonl');
  appendFileSync(file, '{"seq":3,"created_at":"","symbol":"X","action":"BUY","reason":""}\n{"seq":4,"crea');
  const dashboard = updateDashboard({ dataDir: folder.path, outDir: folder.path, nowMs });
  expect(dashboard.lastDecisions.map((row) => row.seq)).toEqual([2, 1, 0]);
});

it('says what to do when the desk has not run yet', async () => {
  using folder = temporaryFolder();
  const end = await startProgram('dashboard.ts', ['--data', folder.path, '--out', folder.path]).ended;
  expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('run the pipeline first') });
});

function invested({ positions }: Dashboard): number {
  return positions.reduce((sum, row) => sum + row.quantity * row.lastPrice, 0);
}
