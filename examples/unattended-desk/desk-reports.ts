import { createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TargetContext } from '@qts-ops/core';
import { toDashboard } from './desk/dashboard.ts';
import { type DeskState, readState } from './desk/desk-state.ts';
import { deskIso } from './desk/desk-time.ts';
import { nodeDisk, replaceFile } from './desk/durable-files.ts';
import { deskSettings } from './desk-settings.ts';

/** Decisions of a desk, counted by action and by symbol. */
export interface DecisionStatistics {
  /** Decisions counted; equals the bars consumed when counting began. */
  readonly decisions: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly symbols: Readonly<Record<string, number>>;
}

/** Counts every committed decision and keeps the counts in `decision-statistics.json`. */
export async function decisionStatistics(context: TargetContext): Promise<DecisionStatistics | undefined> {
  const { dataDir, reportDir } = deskSettings(process.env);
  const state = readState(dataDir);
  if (state === undefined) {
    context.log('the desk has consumed no bar yet; there is nothing to count');
    return undefined;
  }
  const statistics = await countDecisions({ dataDir, state, context });
  mkdirSync(reportDir, { recursive: true });
  replaceFile(
    nodeDisk,
    join(reportDir, 'decision-statistics.json'),
    `${JSON.stringify(statistics, null, 2)}\n`,
  );
  context.log(`${statistics.decisions} decisions: ${listOf(statistics.actions)}`);
  return statistics;
}

/** Writes the page of a day after the market has closed; running it again replaces the page. */
export async function marketCloseReport(context: TargetContext): Promise<void> {
  const { dataDir, reportDir } = deskSettings(process.env);
  const state = readState(dataDir);
  if (state === undefined) throw new Error(`${dataDir} holds no desk-state.json; run the pipeline first`);
  const { actions, symbols } = await countDecisions({ dataDir, state, context });
  const nowMs = context.slotMs ?? Date.now();
  const day = deskIso(nowMs).slice(0, 10);
  const { equity, pnl, fees, safety, rows } = toDashboard(state, { nowMs, lastDecisions: [] });
  const money = (value: number) => Math.round(value).toLocaleString('en-US');
  const lines = [
    `# Paper desk on ${day}`,
    '',
    `- Equity ${money(equity)}, P&L ${money(pnl)}, fees ${money(fees)}`,
    `- Safety ${safety}`,
    `- Bars consumed since the beginning: ${rows}`,
    `- Decisions: ${listOf(actions)}`,
    `- By symbol: ${listOf(symbols)}`,
    '',
  ];
  mkdirSync(reportDir, { recursive: true });
  replaceFile(nodeDisk, join(reportDir, `market-close-${day}.md`), lines.join('\n'));
  context.log(`market-close-${day}.md written, equity ${money(equity)}`);
}

interface CountRequest {
  readonly dataDir: string;
  readonly state: DeskState;
  readonly context: TargetContext;
}

/** Rows beyond the state's cursor belong to a batch that is being written, so they are left out. */
async function countDecisions({ dataDir, state, context }: CountRequest): Promise<DecisionStatistics> {
  const folder = join(dataDir, 'decision_snapshot');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  const actions: Record<string, number> = {};
  const symbols: Record<string, number> = {};
  let decisions = 0;
  for (const [index, name] of names.sort().entries()) {
    context.signal.throwIfAborted();
    for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
      const decision = parseDecision(line);
      if (decision === undefined || decision.seq >= state.cursor) continue;
      decisions++;
      actions[decision.action] = (actions[decision.action] ?? 0) + 1;
      symbols[decision.symbol] = (symbols[decision.symbol] ?? 0) + 1;
    }
    context.progress({ done: index + 1, total: names.length, unit: 'days' });
  }
  return { decisions, actions, symbols };
}

function parseDecision(line: string): { seq: number; action: string; symbol: string } | undefined {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row !== 'object' || row === null || !('seq' in row && 'action' in row && 'symbol' in row))
      return;
    return { seq: Number(row.seq), action: String(row.action), symbol: String(row.symbol) };
  } catch {
    // The torn end of a write in progress.
    return undefined;
  }
}

function listOf(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([a], [b]) => a.localeCompare(b));
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
