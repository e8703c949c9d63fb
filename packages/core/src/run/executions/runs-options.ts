import type { Secret } from '../../kernel/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OutputFiles } from '../../ports/output-files.ts';
import type { ProcessIdentity } from '../../ports/processes.ts';
import type { WorkRunner } from '../../ports/work-runner.ts';
import type { TargetDefinition, TargetState } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { EndedExecution } from './execution-rules.ts';
import type { AfterStops } from './run-dispatch.ts';
import type { Follow, RunChange } from './runs.ts';

/** What the runs of an engine are made from. */
export interface RunsOptions {
  readonly states: TargetStates<RunChange>;
  readonly clock: Clock;
  readonly runner: WorkRunner;
  readonly outputFiles: OutputFiles;
  readonly logger: Logger;
  readonly secrets: readonly Secret[];
  readonly owner: ProcessIdentity | undefined;
  /** How many runs may go on at once in a pool, by its name; a pool that is not named has no limit. */
  readonly pools: Readonly<Record<string, number>>;
  /** Where a schedule goes after a run ended; given by the scheduler, which knows schedules. */
  readonly slotAfterRun: (definition: TargetDefinition, state: TargetState, endedAtMs: number) => TargetState;
  /** What the last attempt at a slot sets going: the targets that come after it. Given by the scheduler. */
  readonly follow: (ended: EndedExecution) => Follow;
  /**
   * What follows from executions that were ended while they waited, where `states` and `before` are being committed in
   * the same decision: schedules go on, dependents are told. Given by the scheduler.
   */
  readonly afterStops: AfterStops;
  /** Told after a target became free or its progress moved, so that the loop and the screens look again. */
  readonly onMoved: (targetId: string, what: 'progress' | 'settled-late' | 'ended') => void;
}
