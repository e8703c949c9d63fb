import type { SkipReason } from '../../run/executions/execution.ts';
import type { PoolUse } from './simulated-runs.ts';
import type { SimulationEvent } from './simulation-events.ts';

/** What became of the slots of one target. */
export interface TargetSummary {
  readonly targetId: string;
  /** Attempts that ended, by how they ended; `unfinished` went on or waited at the end. */
  readonly succeeded: number;
  readonly failed: number;
  readonly stopped: number;
  /** Of those that were stopped the ones that had waited and never began: a newer slot took their place. */
  readonly notStarted: number;
  readonly unfinished: number;
  /** Attempts after the first. */
  readonly retries: number;
  readonly late: number;
  readonly longestWaitMs: number;
  /** How long its runs took in all, ms. */
  readonly busyMs: number;
  readonly skips: Readonly<Partial<Record<SkipReason, number>>>;
}

/** What a simulation came to. */
export interface SimulationSummary {
  readonly fromMs: number;
  readonly toMs: number;
  readonly targets: readonly TargetSummary[];
  readonly pools: readonly PoolUse[];
  /** Slots lost because the run before them went on. */
  readonly overlaps: number;
  readonly missed: number;
  readonly runs: number;
  readonly skips: number;
}

type Counts = { -readonly [K in keyof Omit<TargetSummary, 'skips' | 'targetId'>]: TargetSummary[K] } & {
  skips: Partial<Record<SkipReason, number>>;
};

/** Adds up what a simulation tells, in the memory of one row a target. */
export class SimulationCounts {
  readonly #targets = new Map<string, Counts>();

  constructor(targetIds: Iterable<string>) {
    for (const id of targetIds) this.#targets.set(id, noCounts());
  }

  add(event: SimulationEvent): void {
    const counts = this.#targets.get(event.targetId);
    if (counts === undefined) return;
    if (event.kind === 'skip') {
      counts.skips[event.reason] = (counts.skips[event.reason] ?? 0) + event.count;
      return;
    }
    counts[OUTCOME_KEYS[event.status]] += 1;
    if (event.status === 'STOPPED' && event.startMs === undefined) counts.notStarted += 1;
    if (event.attempt > 1) counts.retries += 1;
    if (event.late) counts.late += 1;
    counts.longestWaitMs = Math.max(counts.longestWaitMs, event.waitedMs);
    if (event.startMs !== undefined && event.endMs !== undefined)
      counts.busyMs += event.endMs - event.startMs;
  }

  summary(
    span: { readonly fromMs: number; readonly toMs: number },
    pools: readonly PoolUse[],
  ): SimulationSummary {
    const targets = [...this.#targets].map(([targetId, counts]) => ({ targetId, ...counts }));
    const skipsOf = (reason: SkipReason) => sumOf(targets, (target) => target.skips[reason] ?? 0);
    return {
      ...span,
      targets,
      pools,
      overlaps: skipsOf('overlap'),
      missed: skipsOf('missed'),
      runs: sumOf(targets, runsOf),
      skips: sumOf(targets, (target) => sumOf(Object.values(target.skips), (count) => count)),
    };
  }
}

/** How many executions a target had. */
export function runsOf({ succeeded, failed, stopped, unfinished }: TargetSummary): number {
  return succeeded + failed + stopped + unfinished;
}

const OUTCOME_KEYS = {
  SUCCESS: 'succeeded',
  FAILED: 'failed',
  STOPPED: 'stopped',
  READY: 'unfinished',
  RUNNING: 'unfinished',
} as const;

function noCounts(): Counts {
  return {
    succeeded: 0,
    failed: 0,
    stopped: 0,
    notStarted: 0,
    unfinished: 0,
    retries: 0,
    late: 0,
    longestWaitMs: 0,
    busyMs: 0,
    skips: {},
  };
}

function sumOf<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
