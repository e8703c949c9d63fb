import type { AuditEntry } from '../../guard/audit/audit-entry.ts';
import { formatExactDuration } from '../../kernel/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Runs } from '../executions/runs.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { JUMP_AT_LEAST_MS, jumpOf, restartAfterStep, type ScheduleRestart } from './clock-rules.ts';
import type { Dependents } from './dependents.ts';
import type { SchedulerChange } from './turn-plan.ts';

/** At most so many schedules that begin anew are written in one go; then the event loop has its turn. */
const RESTARTS_TOGETHER_MAX = 100;

/** What watching the wall clock needs. */
export interface ClockWatchOptions {
  readonly states: TargetStates<SchedulerChange>;
  readonly dependents: Pick<Dependents, 'restart'>;
  readonly runs: Pick<Runs, 'setBack'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of this machine, for the audit row. */
  readonly host: string;
  /** Told of a wall clock that was set forward (positive) or back, ms, once its consequences are on record. */
  readonly onClockJump: (jumpMs: number) => void;
}

/** Notices a wall clock that was set (rule S2): an audit row, a warning, and schedules that begin anew. */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  #lastNow = 0;
  #lastMono = 0;
  /** A step whose consequences could not all be written yet; what was written of it is not written again. */
  #unfinished: { readonly jumpMs: number; readonly restarted: Set<string>; audited: boolean } | undefined;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
  }

  /** From now on the two clocks are compared. */
  begin(): void {
    this.#lastNow = this.#options.clock.now();
    this.#lastMono = this.#options.clock.mono();
  }

  /**
   * Compares how far the wall and the monotonic clock have moved since the last time. Returns the targets whose
   * schedules began anew. Inside the decision; what the store refuses is noticed again.
   */
  async notice(): Promise<readonly string[]> {
    const { clock, logger, runs, onClockJump } = this.#options;
    const [nowMs, monoMs] = [clock.now(), clock.mono()];
    const jumpMs = jumpOf({ wallMs: nowMs - this.#lastNow, monoMs: monoMs - this.#lastMono });
    const restarted = jumpMs === 0 ? [] : await this.#record(nowMs, jumpMs);
    // Only now: a step whose consequences could not be written must be noticed again.
    [this.#lastNow, this.#lastMono] = [nowMs, monoMs];
    this.#unfinished = undefined;
    if (jumpMs === 0) return restarted;
    // Another attempt, or a start put off by jitter, holds its target's place: it must not do so for the whole step.
    if (jumpMs < 0) runs.setBack(-jumpMs);
    logger.warn('the wall clock was set', { jumpMs });
    onClockJump(jumpMs);
    return restarted;
  }

  async #record(nowMs: number, jumpMs: number): Promise<readonly string[]> {
    const { states, dependents, host } = this.#options;
    if (Math.abs((this.#unfinished?.jumpMs ?? jumpMs) - jumpMs) > JUMP_AT_LEAST_MS)
      this.#unfinished = undefined;
    this.#unfinished ??= { jumpMs, restarted: new Set(), audited: false };
    const { restarted, audited } = this.#unfinished;
    const restarts = jumpMs > 0 ? [] : this.#restartsAfter({ nowMs, jumpMs }, restarted);
    const count = restarts.length + restarted.size;
    const entry = clockAudit({ nowMs, jumpMs: Math.round(jumpMs), restarted: count, host });
    await this.#commit(restarts, audited ? [] : [{ kind: 'audit.append', entry }]);
    const scheduled = [...restarted].filter((id) => states.findDefinition(id)?.schedule !== undefined);
    dependents.restart(scheduled, nowMs);
    return [...restarted];
  }

  #restartsAfter(
    step: { readonly nowMs: number; readonly jumpMs: number },
    done: ReadonlySet<string>,
  ): readonly ScheduleRestart[] {
    const { states } = this.#options;
    return [...states.definitions()]
      .filter(({ id }) => !done.has(id))
      .flatMap((definition) => restartAfterStep(definition, states.require(definition.id), step) ?? []);
  }

  /** Many in one transaction, the first ones with the audit row; when one of them conflicts, each on its own. */
  async #commit(restarts: readonly ScheduleRestart[], audit: readonly SchedulerChange[]): Promise<void> {
    const { states, clock } = this.#options;
    let first = audit;
    for (let at = 0; at === 0 || at < restarts.length; at += RESTARTS_TOGETHER_MAX) {
      if (at > 0) await clock.nextTurn();
      const together = restarts.slice(at, at + RESTARTS_TOGETHER_MAX);
      const changes = [...first, ...together.map(({ change }) => change)];
      const next = together.map(({ state }) => state);
      if (changes.length > 0 && (await states.commit(changes, next)) === 'conflict') {
        await this.#commitSingly(together, first);
      }
      for (const { state } of together) this.#unfinished?.restarted.add(state.targetId);
      if (this.#unfinished !== undefined) this.#unfinished.audited = true;
      first = [];
    }
  }

  async #commitSingly(
    restarts: readonly ScheduleRestart[],
    audit: readonly SchedulerChange[],
  ): Promise<void> {
    const { states } = this.#options;
    if (audit.length > 0) await states.commit(audit, []);
    for (const { change, state } of restarts) await states.commit([change], [state]);
  }
}

function clockAudit(step: {
  readonly nowMs: number;
  readonly jumpMs: number;
  readonly restarted: number;
  readonly host: string;
}): AuditEntry {
  const { nowMs, jumpMs, restarted, host } = step;
  const span = formatExactDuration(Math.abs(jumpMs));
  const reason =
    jumpMs > 0
      ? `the wall clock went ${span} ahead of the time that passed; slots in between are late or missed`
      : `the wall clock was set back by ${span}; schedules that begin anew: ${restarted}`;
  return {
    atMs: nowMs,
    auditType: 'CLOCK_JUMP',
    targetType: 'SYSTEM_CONFIG',
    targetId: 'clock',
    action: 'UPDATE',
    before: { wallMs: nowMs - jumpMs },
    after: { wallMs: nowMs, jumpMs, restarted },
    operatorId: 'system:scheduler',
    operatorMethod: 'system',
    operatorReason: reason,
    outcome: 'OK',
    requestId: `clock-jump:${nowMs}`,
    host,
  };
}
