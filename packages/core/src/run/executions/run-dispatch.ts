import type { Clock } from '../../ports/clock.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { TargetState } from '../targets/target.ts';
import { maxConcurrentOf } from '../targets/target-policies.ts';
import type { TargetStates } from '../targets/target-states.ts';
import {
  type DispatchPlan,
  type HinderedRuns,
  hinderedRuns,
  type Occupancy,
  POOL_WAITING_MAX,
  planStarts,
  stopWaiting,
  type WaitingRun,
} from './dispatch-rules.ts';
import type { EndedExecution } from './execution-rules.ts';
import type { ExecutionRun } from './execution-run.ts';
import type { LiveRuns } from './live-runs.ts';
import type { Follow, RunChange } from './runs.ts';
import type { WaitingRuns } from './waiting-runs.ts';

/**
 * What follows from executions that were ended while they waited, where `states` and `before` are being committed in the
 * same decision.
 */
export type AfterStops = (
  stopped: readonly EndedExecution[],
  states: readonly TargetState[],
  before: Follow | undefined,
) => Follow;

/** What a dispatch is planned for. */
export interface DispatchRequest {
  /** READY executions that are being committed in the same decision. */
  readonly added: readonly WaitingRun[];
  /** Waiting ones whose rows are ended in the same decision. */
  readonly removed?: readonly WaitingRun[] | undefined;
  /** States that are being committed in the same decision. */
  readonly states: readonly TargetState[];
  /** What is being committed about dependents in the same decision. */
  readonly follow?: Follow | undefined;
  /** A run whose end is being committed: its lane and its place in the pool are free. */
  readonly ending?: ExecutionRun | undefined;
  /** Pools of which nothing is started yet, because more of their runs are still to be decided on. */
  readonly heldPools?: ReadonlySet<string> | undefined;
  /** So many runs are started at most; default: as many as there is room for. */
  readonly startsMax?: number | undefined;
}

/** A dispatch with everything that follows from it. */
export interface FullDispatchPlan extends Omit<DispatchPlan, 'changes'> {
  readonly changes: readonly RunChange[];
  /** States that follow from runs that will not be started any more; newer than those of the request. */
  readonly states: readonly TargetState[];
  /** Called once everything was committed. */
  committed(): void;
}

interface RunDispatchOptions {
  readonly states: TargetStates<RunChange>;
  readonly clock: Pick<Clock, 'now'>;
  readonly owner: ProcessIdentity | undefined;
  readonly pools: Readonly<Record<string, number>>;
  readonly live: Pick<LiveRuns, 'lanesOf' | 'detachedOf' | 'countIn'>;
  readonly waiting: WaitingRuns;
  readonly draining: () => boolean;
  readonly afterStops: AfterStops;
}

/** Decides what of everything that waits is started, and what is not going to be. */
export class RunDispatch {
  readonly #options: RunDispatchOptions;

  constructor(options: RunDispatchOptions) {
    this.#options = options;
  }

  /** Together with what is being committed in the same decision. */
  plan(request: DispatchRequest, waiting = this.#options.waiting.all()): FullDispatchPlan {
    const { clock } = this.#options;
    const all = without([...waiting, ...request.added], request.removed);
    const nowMs = clock.now();
    const taken = this.#occupancy(request, []);
    const hindered = hinderedRuns(all, taken, nowMs);
    if (hindered.stops.length === 0) {
      return { ...planStarts(hindered.others, taken, nowMs), stops: [], states: [], committed: () => {} };
    }
    const settled = this.#settle(request, hindered);
    const started = planStarts(settled.others, this.#occupancy(request, settled.states), nowMs);
    return { ...started, ...settled, changes: [...settled.changes, ...started.changes] };
  }

  /** Ends everything that waits, because of `why`. */
  planEnd(why: string): FullDispatchPlan {
    const { waiting, clock } = this.#options;
    const stops = waiting.all().map((run) => ({ run, ...stopWaiting(run, why, clock.now()) }));
    const settled = this.#settle({ added: [], states: [] }, { stops, others: [] });
    return { ...settled, starts: [], waiting: settled.others };
  }

  /** Whether no more may wait for a pool besides `planned` runs; one without a limit always has room. */
  isFull(pool: string, planned: number): boolean {
    const { pools, live, waiting } = this.#options;
    const limit = pools[pool];
    if (limit === undefined) return false;
    const free = Math.max(0, limit - live.countIn(pool));
    return waiting.countIn(pool) + planned >= POOL_WAITING_MAX + free;
  }

  /** What follows from runs that are not started, until nothing more does: each ended run may end others. */
  #settle(request: DispatchRequest, first: HinderedRuns) {
    const { afterStops, clock } = this.#options;
    const stops: WaitingRun[] = [];
    const changes: RunChange[] = [];
    const committed: Array<() => void> = [];
    let states: readonly TargetState[] = [];
    let hindered = first;
    let before = request.follow;
    while (hindered.stops.length > 0) {
      const follow = afterStops(
        hindered.stops.map((stop) => stop.execution),
        [...request.states, ...states],
        before,
      );
      before = follow;
      stops.push(...hindered.stops.map((stop) => stop.run), ...follow.removed);
      changes.push(...hindered.stops.flatMap((stop) => stop.changes), ...follow.changes);
      committed.push(() => follow.committed());
      states = [...states, ...follow.states];
      const left = without(hindered.others, follow.removed);
      hindered = hinderedRuns([...left, ...follow.runs], this.#occupancy(request, states), clock.now());
    }
    const { others } = hindered;
    const tellAll = () => {
      for (const tell of committed) tell();
    };
    return { stops, changes, states, others, committed: tellAll };
  }

  #occupancy(request: DispatchRequest, newer: readonly TargetState[]): Occupancy {
    const { states: decided, ending, heldPools, startsMax } = request;
    const { states, pools, owner, live } = this.#options;
    const newest = new Map<string, TargetState>();
    for (const state of decided) newest.set(state.targetId, state);
    for (const state of newer) newest.set(state.targetId, state);
    const freed = (pool: string) => (ending?.definition.policies.pool === pool ? 1 : 0);
    return {
      lanesOf: (targetId) => live.lanesOf(targetId, ending),
      runningIn: (pool) => live.countIn(pool) - freed(pool),
      limitOf: (pool) => (heldPools?.has(pool) === true ? 0 : pools[pool]),
      stateOf: (targetId) => newest.get(targetId) ?? states.require(targetId),
      obstacleOf: (targetId) => this.#obstacle(targetId),
      owner,
      ...(startsMax === undefined ? {} : { startsMax }),
    };
  }

  #obstacle(targetId: string): string | undefined {
    const { draining, states, live } = this.#options;
    if (draining()) return 'the engine is stopping';
    const most = maxConcurrentOf(states.requireDefinition(targetId).policies);
    const stuck = live.detachedOf(targetId).length >= most;
    return stuck ? 'a function that was ended has not settled yet' : undefined;
  }
}

function without(runs: readonly WaitingRun[], removed: readonly WaitingRun[] = []): readonly WaitingRun[] {
  if (removed.length === 0) return runs;
  const gone = new Set(removed.map((run) => run.execution.id));
  return runs.filter((run) => !gone.has(run.execution.id));
}
