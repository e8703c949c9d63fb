import { createHash } from 'node:crypto';
import { deskIso } from './desk-time.ts';
import type { Cycle } from './eteda.ts';
import type { SafetyEvent } from './safety.ts';

/** The three kinds of rows the desk writes for every bar; each kind is a folder of the data folder. */
export const RECORD_KINDS = ['raw_snapshot', 'pattern_record', 'decision_snapshot'] as const;

/** One of the three kinds of rows. */
export type RecordKind = (typeof RECORD_KINDS)[number];

/** A row as it is written: plain JSON with `seq`, the place of its bar in the stream, as its identity. */
export type RecordRow = { readonly seq: number; readonly [key: string]: unknown };

const VERSION = 'v1.0.0';
const MODE = 'PAPER';

/** The rows of one cycle, one of each kind; they hold no wall-clock time, so that a repeated bar gives equal rows. */
export function toRecords(cycle: Cycle): Record<RecordKind, RecordRow> {
  return {
    raw_snapshot: toRawSnapshot(cycle),
    pattern_record: toPatternRecord(cycle),
    decision_snapshot: toDecisionSnapshot(cycle),
  };
}

function toRawSnapshot({ snapshot: { seq, sourceId, bar } }: Cycle): RecordRow {
  const { open, high, low, close } = bar;
  return {
    seq,
    ts: deskIso(bar.timeMs),
    session: sourceId,
    dataset: 'desk_bars',
    market: marketOf(sourceId),
    symbol: bar.symbol,
    price: { open, high, low, close },
    volume: bar.volume,
    source: isFile(sourceId) ? 'file' : 'generated',
  };
}

function toPatternRecord({ snapshot: { seq, sourceId, bar }, features, pattern, desk }: Cycle): RecordRow {
  const timestamp = new Date(bar.timeMs).toISOString();
  const session = { session_id: sourceId, mode: MODE };
  return {
    seq,
    snapshot: {
      meta: {
        timestamp,
        timestamp_ms: bar.timeMs,
        ...session,
        run_id: digest(sourceId),
        observer_version: VERSION,
        iteration_id: seq,
      },
      context: { source: 'market', stage: 'computed', symbol: bar.symbol, market: marketOf(sourceId) },
      observation: {
        inputs: { price: bar.close, volume: bar.volume, open: bar.open, high: bar.high, low: bar.low },
        computed: features,
        state: { safety: desk.safety.state },
      },
    },
    regime_tags: { trend: pattern.trend, volatility: pattern.volatilityLevel },
    condition_tags: pattern.conditions,
    outcome_labels: {},
    metadata: {
      schema_version: VERSION,
      dataset_version: VERSION,
      build_id: 'desk',
      generated_at: timestamp,
      ...session,
      quality_flags: pattern.conditions,
      validation: { severity: pattern.severity },
      guard: guardOf(pattern.safetyEvent),
    },
  };
}

function toDecisionSnapshot({ snapshot: { seq, sourceId, bar }, decision, fill, equity }: Cycle): RecordRow {
  return {
    seq,
    decision_id: digest(`${sourceId}/${seq}`),
    created_at: new Date(bar.timeMs).toISOString(),
    pipeline_step: fill === undefined ? 'DECIDE' : 'ACT',
    action: decision.action,
    strategy_name: 'moving_average_cross',
    symbol: bar.symbol,
    ...(decision.quantity === undefined ? {} : { qty: decision.quantity }),
    risk_approved: decision.riskApproved,
    portfolio_adjusted: decision.adjusted,
    reason: decision.reason,
    metadata: {
      price: bar.close,
      equity,
      ...(fill === undefined ? {} : { fee: fill.fee, realized_pnl: fill.realizedPnl }),
    },
  };
}

function guardOf(event: SafetyEvent | undefined) {
  if (event === undefined || event.kind === 'recover') return { action: 'ALLOW', reason: 'none' };
  return { action: event.kind === 'fail-safe' ? 'BLOCK' : 'FLAG', reason: event.code };
}

function isFile(sourceId: string): boolean {
  return sourceId.startsWith('file:');
}

/** A bar file does not say where it was traded, and the record must not pretend to know. */
function marketOf(sourceId: string): string {
  return isFile(sourceId) ? 'UNKNOWN' : 'KRX';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
