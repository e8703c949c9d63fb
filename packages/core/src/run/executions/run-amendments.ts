import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ProcessGroup } from '../../ports/work-runner.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { amendExecution } from './execution-rules.ts';
import type { ExecutionRun } from './execution-run.ts';
import type { RunChange } from './runs.ts';

/** At most one progress write a second reaches the store. */
const PROGRESS_EVERY_MS = 1000;

interface RunAmendmentsOptions {
  readonly states: TargetStates<RunChange>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the run still goes on: nothing is written after its end. */
  readonly isLive: (run: ExecutionRun) => boolean;
  /** Told after progress was written. */
  readonly onProgress: (targetId: string) => void;
}

/** Writes what becomes known about a run while it goes on: its progress and its process group. */
export class RunAmendments {
  readonly #options: RunAmendmentsOptions;
  readonly #timers = new Map<string, () => void>();

  constructor(options: RunAmendmentsOptions) {
    this.#options = options;
  }

  /** Records the processes of a run, so that a later start can end what is left of them. */
  noteGroup(run: ExecutionRun, processGroup: ProcessGroup): void {
    this.#amend(run, { processGroup }).catch((error: unknown) =>
      this.#warn(run, 'could not record the process group of a run', error),
    );
  }

  /** Writes the progress of a run now, or a second after the last time. */
  noteProgress(run: ExecutionRun): void {
    const { id } = run.execution;
    if (this.#timers.has(id)) return;
    const again = () => {
      this.#timers.delete(id);
      if (!run.ended && run.progress !== run.execution.progress) this.noteProgress(run);
    };
    this.#timers.set(id, this.#options.clock.setTimer(again, PROGRESS_EVERY_MS));
    this.#saveProgress(run).catch((error: unknown) =>
      this.#warn(run, 'could not write the progress of a run', error),
    );
  }

  /** The run has ended: what is left to write is written with its end. */
  forget(run: ExecutionRun): void {
    this.#timers.get(run.execution.id)?.();
    this.#timers.delete(run.execution.id);
  }

  async #saveProgress(run: ExecutionRun): Promise<void> {
    await this.#amend(run, { progress: run.progress });
    this.#options.onProgress(run.definition.id);
  }

  /** Writes a newer version of a running execution, unless its end was committed meanwhile. */
  async #amend(run: ExecutionRun, fields: Parameters<typeof amendExecution>[1]): Promise<void> {
    const { states, clock, isLive } = this.#options;
    await states.exclusively(async () => {
      if (!isLive(run)) return;
      const note = { by: 'scheduler', atMs: clock.now() };
      const { execution, changes } = amendExecution(run.execution, fields, note);
      if ((await states.commit(changes, [])) === 'committed') run.execution = execution;
    });
  }

  #warn(run: ExecutionRun, message: string, error: unknown): void {
    this.#options.logger.warn(message, {
      targetId: run.definition.id,
      executionId: run.execution.id,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
