import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DeskState, readState } from './desk-state.ts';
import { deskIso } from './desk-time.ts';
import { nodeDisk, replaceFile } from './durable-files.ts';
import { equityOf } from './ledger.ts';
import type { SafetyState } from './safety.ts';

/** Where to read and where to write. */
export interface DashboardOptions {
  readonly dataDir: string;
  readonly outDir: string;
  /** Instant printed as the time of the update; the clock's when absent. */
  readonly nowMs?: number | undefined;
}

/** One decision as shown to an operator. */
export interface DashboardDecision {
  readonly seq: number;
  readonly at: string;
  readonly symbol: string;
  readonly action: string;
  readonly reason: string;
}

/** What `dashboard.json` holds; amounts in the currency of the bars. */
export interface Dashboard {
  readonly updatedAt: string;
  readonly source: string;
  readonly safety: SafetyState;
  readonly safetyCode?: string;
  readonly lastBarAt?: string;
  /** Committed rows of each kind, which equals the number of bars consumed. */
  readonly rows: number;
  readonly rejectedRows: number;
  readonly cash: number;
  readonly equity: number;
  readonly pnl: number;
  readonly realizedPnl: number;
  readonly fees: number;
  readonly positions: readonly {
    readonly symbol: string;
    readonly quantity: number;
    readonly averagePrice: number;
    readonly lastPrice: number;
    readonly pnl: number;
  }[];
  /** Newest first. */
  readonly lastDecisions: readonly DashboardDecision[];
}

const SHOWN_DECISIONS = 10;
const TAIL_BYTES = 32 * 1024;

/**
 * Writes `dashboard.md` and `dashboard.json` from the committed state of a desk, each replaced at once; safe beside a
 * running pipeline. Throws when the desk has not run yet.
 */
export function updateDashboard({ dataDir, outDir, nowMs = Date.now() }: DashboardOptions): Dashboard {
  const state = readState(dataDir);
  if (state === undefined) throw new Error(`${dataDir} holds no desk-state.json; run the pipeline first`);
  const dashboard = toDashboard(state, { nowMs, lastDecisions: readLastDecisions(dataDir, state.cursor) });
  mkdirSync(outDir, { recursive: true });
  replaceFile(nodeDisk, join(outDir, 'dashboard.json'), `${JSON.stringify(dashboard, null, 2)}\n`);
  replaceFile(nodeDisk, join(outDir, 'dashboard.md'), toMarkdown(dashboard));
  return dashboard;
}

/** The figures of a state; pure. */
export function toDashboard(
  state: DeskState,
  { nowMs, lastDecisions }: { nowMs: number; lastDecisions: readonly DashboardDecision[] },
): Dashboard {
  const { ledger, safety } = state;
  const priceOf = (symbol: string) => state.closes[symbol]?.at(-1);
  const equity = equityOf(ledger, priceOf);
  const positions = Object.entries(ledger.positions).map(([symbol, { quantity, averagePrice }]) => {
    const lastPrice = priceOf(symbol) ?? averagePrice;
    return { symbol, quantity, averagePrice, lastPrice, pnl: quantity * (lastPrice - averagePrice) };
  });
  return {
    updatedAt: new Date(nowMs).toISOString(),
    source: state.sourceId,
    safety: safety.state,
    ...(safety.code === undefined ? {} : { safetyCode: safety.code }),
    ...(state.lastBarMs === undefined ? {} : { lastBarAt: deskIso(state.lastBarMs) }),
    rows: state.cursor,
    rejectedRows: state.rejectedRows,
    cash: ledger.cash,
    equity,
    pnl: equity - ledger.startCash,
    realizedPnl: ledger.realizedPnl,
    fees: ledger.fees,
    positions: positions.sort((a, b) => a.symbol.localeCompare(b.symbol)),
    lastDecisions,
  };
}

/** The page an operator reads; pure. */
export function toMarkdown(dashboard: Dashboard): string {
  const { safety, safetyCode, positions, lastDecisions } = dashboard;
  const money = (value: number) => Math.round(value).toLocaleString('en-US');
  const lines = [
    '# Paper desk',
    '',
    `- Updated: ${dashboard.updatedAt}`,
    `- Source: ${dashboard.source}, last bar ${dashboard.lastBarAt ?? 'none'}`,
    `- Safety: **${safety}**${safetyCode === undefined ? '' : ` (${safetyCode})`}`,
    `- Equity ${money(dashboard.equity)}, cash ${money(dashboard.cash)}, P&L ${money(dashboard.pnl)} (realized ${money(dashboard.realizedPnl)}, fees ${money(dashboard.fees)})`,
    `- Rows of each kind: ${dashboard.rows} (${dashboard.rejectedRows} rejected)`,
    '',
    '## Positions',
    '',
    '| Symbol | Quantity | Average | Last | P&L |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...positions.map(
      (row) =>
        `| ${row.symbol} | ${row.quantity} | ${money(row.averagePrice)} | ${money(row.lastPrice)} | ${money(row.pnl)} |`,
    ),
    '',
    '## Last decisions',
    '',
    '| Bar | Time | Symbol | Action | Reason |',
    '| ---: | --- | --- | --- | --- |',
    ...lastDecisions.map(
      (row) => `| ${row.seq + 1} | ${row.at} | ${row.symbol} | ${row.action} | ${row.reason} |`,
    ),
    '',
  ];
  return lines.join('\n');
}

/** The newest committed decisions, from the ends of the newest files only: the page stays cheap as the data grows. */
function readLastDecisions(dataDir: string, cursor: number): DashboardDecision[] {
  const folder = join(dataDir, 'decision_snapshot');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  const rows: DashboardDecision[] = [];
  for (const name of names.sort().reverse()) {
    if (rows.length >= SHOWN_DECISIONS) break;
    const found = readTail(join(folder, name)).split('\n').map(parseDecision);
    rows.push(...found.filter((row) => row !== undefined).filter((row) => row.seq < cursor));
  }
  return rows.sort((a, b) => b.seq - a.seq).slice(0, SHOWN_DECISIONS);
}

function readTail(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const bytes = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, bytes);
  } finally {
    closeSync(fd);
  }
}

/** A decision row, or nothing for a line cut in two by the tail or by a write in progress. */
function parseDecision(line: string): DashboardDecision | undefined {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof row !== 'object' || row === null || !('seq' in row) || typeof row.seq !== 'number')
    return undefined;
  const text = (key: string) => (key in row ? String(Reflect.get(row, key)) : '');
  return {
    seq: row.seq,
    at: text('created_at'),
    symbol: text('symbol'),
    action: text('action'),
    reason: text('reason'),
  };
}

function main(): void {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { data: text, out: text } });
  if (values.data === undefined || values.out === undefined) {
    process.stderr.write('node dashboard.ts --data DIR --out DIR\n');
    process.exitCode = 2;
    return;
  }
  try {
    const { equity, safety } = updateDashboard({ dataDir: values.data, outDir: values.out });
    process.stdout.write(`dashboard written, equity ${Math.round(equity)}, safety ${safety}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) main();
