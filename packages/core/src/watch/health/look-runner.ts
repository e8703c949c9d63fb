import { toJsonValue } from '../../kernel/json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CheckFinding, CheckGap, CheckOutage } from '../../ports/health-check.ts';
import type { Logger } from '../../ports/logger.ts';
import type { CheckLook } from './check-state.ts';
import { type Clean, findingOf, findingOfThrown } from './finding-rules.ts';
import type { RegisteredCheck } from './registered-check.ts';

/** So many looks of one kind that go on after their deadline set the kind aside. */
export const ABANDONED_MAX = 5;
/** A deadline that comes so much late says that we were held up, not the target, ms. */
const HELD_UP_MS = 1000;

/** What a runner needs of the world. */
export interface LookRunnerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clean: Clean;
}

type Ending =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly thrown: unknown }
  | { readonly kind: 'deadline' | 'cancelled' };

/** Lets checks look, each until its deadline and no longer, whether or not it listens. */
export class LookRunner {
  readonly #parts: LookRunnerParts;
  /** Looks that go on after their deadline, by kind. */
  readonly #abandoned = new Map<string, number>();
  readonly #setAside = new Set<string>();

  constructor(parts: LookRunnerParts) {
    this.#parts = parts;
  }

  /** True while a kind is set aside because its looks do not end. */
  isSetAside(kind: string): boolean {
    return this.#setAside.has(kind);
  }

  /** Looks that go on after their deadline, over all kinds. */
  get abandoned(): number {
    return [...this.#abandoned.values()].reduce((sum, count) => sum + count, 0);
  }

  /** One look; absent when `cancel` aborted before it ended. Never rejects. */
  async look(
    check: RegisteredCheck,
    call: {
      readonly attempt: number;
      readonly previous: CheckLook | undefined;
      readonly gap?: CheckGap | undefined;
      readonly outage?: CheckOutage | undefined;
      readonly cancel: AbortSignal;
    },
  ): Promise<CheckLook | undefined> {
    const { clock } = this.#parts;
    const { attempt, previous, gap, outage, cancel } = call;
    const startedMono = clock.mono();
    const finish = (finding: CheckFinding) =>
      toLook(finding, { atMs: clock.now(), durationMs: clock.mono() - startedMono, attempt });
    if (this.#setAside.has(check.kind)) return finish(setAsideFinding(check.kind));
    const deadline = new AbortController();
    const { promise, resolve } = Promise.withResolvers<Ending>();
    const cancelTimer = clock.setTimer(() => {
      resolve({ kind: 'deadline' });
      deadline.abort(new Error(`the look has a deadline of ${check.policy.timeoutMs} ms`));
    }, check.policy.timeoutMs);
    const onCancel = () => {
      resolve({ kind: 'cancelled' });
      deadline.abort(cancel.reason);
    };
    cancel.addEventListener('abort', onCancel, { once: true });
    const running = invoke(check, {
      signal: deadline.signal,
      attempt,
      nowMs: clock.now(),
      ...before(previous),
      ...(gap === undefined ? {} : { gap }),
      ...(outage === undefined ? {} : { outage }),
    });
    running.then(resolve, () => undefined);
    if (cancel.aborted) onCancel();
    const ending = await promise;
    cancelTimer();
    cancel.removeEventListener('abort', onCancel);
    if (ending.kind === 'cancelled') return undefined;
    if (ending.kind === 'deadline') this.#abandon(check.kind, running);
    return finish(this.#finding(check, ending, clock.mono() - startedMono));
  }

  #finding(check: RegisteredCheck, ending: Ending, elapsedMs: number): CheckFinding {
    const { clean } = this.#parts;
    if (ending.kind === 'returned') return findingOf(ending.value, clean);
    if (ending.kind === 'threw') return this.#thrown(check, ending.thrown);
    const { timeoutMs } = check.policy;
    const lateMs = elapsedMs - timeoutMs;
    return lateMs > Math.max(HELD_UP_MS, timeoutMs)
      ? { status: 'unknown', message: `the engine was held up ${Math.round(lateMs)} ms beyond the deadline` }
      : { status: 'fail', message: `no answer within ${timeoutMs} ms` };
  }

  #thrown(check: RegisteredCheck, thrown: unknown): CheckFinding {
    const { clean, logger } = this.#parts;
    const finding = findingOfThrown(thrown, check.thrownMeans, clean);
    const stack = thrown instanceof Error && thrown.stack !== undefined ? { stack: clean(thrown.stack) } : {};
    logger.warn(`Health check ${check.id} raised: ${finding.message}`, {
      check: check.id,
      error: toJsonValue(thrown, 2, clean),
      ...stack,
    });
    return finding;
  }

  /** Counts a look that goes on after its deadline, until it ends after all. */
  #abandon(kind: string, running: Promise<Ending>): void {
    const { logger } = this.#parts;
    const count = (this.#abandoned.get(kind) ?? 0) + 1;
    this.#abandoned.set(kind, count);
    if (count >= ABANDONED_MAX && !this.#setAside.has(kind)) {
      this.#setAside.add(kind);
      logger.error('a kind of check is set aside: its looks go on after their deadline', { kind, count });
    }
    void running.then(() => {
      const left = (this.#abandoned.get(kind) ?? 1) - 1;
      if (left > 0) return void this.#abandoned.set(kind, left);
      this.#abandoned.delete(kind);
      if (this.#setAside.delete(kind)) logger.info('a kind of check is used again', { kind });
    });
  }
}

/** A look that throws at once and one that rejects later end alike. */
async function invoke(check: RegisteredCheck, call: Parameters<RegisteredCheck['look']>[0]): Promise<Ending> {
  try {
    return { kind: 'returned', value: await check.look(call) };
  } catch (thrown) {
    return { kind: 'threw', thrown };
  }
}

function before(previous: CheckLook | undefined): { readonly previous?: CheckFinding } {
  return previous === undefined ? {} : { previous };
}

function setAsideFinding(kind: string): CheckFinding {
  const message = `checks of the kind ${kind} are set aside: ${ABANDONED_MAX} looks went on after their deadline`;
  return { status: 'unknown', message };
}

function toLook(
  { status, message, value, unit, details, observations }: CheckFinding,
  more: { readonly atMs: number; readonly durationMs: number; readonly attempt: number },
): CheckLook {
  return {
    status,
    message,
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(details === undefined ? {} : { details }),
    ...(observations === undefined ? {} : { observations }),
    ...more,
    durationMs: Math.max(0, Math.round(more.durationMs)),
  };
}
