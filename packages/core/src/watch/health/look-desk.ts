import type { CheckOutage } from '../../ports/health-check.ts';
import { wantsRetry } from './check-rules.ts';
import type { CheckLook, CheckState } from './check-state.ts';
import type { HealthGap } from './health-changes.ts';
import { LookRunner, type LookRunnerParts } from './look-runner.ts';
import { LookTurns } from './look-turns.ts';
import type { RegisteredCheck } from './registered-check.ts';

/** What one asked-for look led to. */
export interface CheckReport {
  readonly checkId: string;
  /** What the look found; absent when the service ended before it did. */
  readonly look?: CheckLook;
  /** What is known of the check after it. */
  readonly state?: CheckState;
  /** Present when what was found could not be written. */
  readonly failure?: { readonly error: unknown };
}

/** What the desk needs besides the world. */
export interface LookDeskParts extends LookRunnerParts {
  readonly stateOf: (checkId: string) => CheckState | undefined;
  /** The last time in which nobody could look; absent when there was none. */
  readonly lastGap: () => HealthGap | undefined;
  /** The last time in which our own connection was down. */
  readonly outage: () => CheckOutage | undefined;
  /** Puts a look on record; rejects when that fails. */
  readonly record: (checkId: string, look: CheckLook) => Promise<void>;
  /** A look has ended, before it is on record. */
  readonly onFound: (check: RegisteredCheck, look: CheckLook, previous: CheckLook | undefined) => void;
  /** A look is on record, or could not be written. */
  readonly onDone: (check: RegisteredCheck, report: CheckReport) => void;
}

/** Where looks are asked for: it gives turns, lets checks look, and answers everybody who asked. */
export class LookDesk {
  readonly #parts: LookDeskParts;
  readonly #runner: LookRunner;
  readonly #turns = new LookTurns();
  readonly #checks = new Map<string, RegisteredCheck>();
  readonly #asked = new Map<string, Array<(report: CheckReport) => void>>();
  readonly #going = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(parts: LookDeskParts) {
    this.#parts = parts;
    this.#runner = new LookRunner(parts);
  }

  /** True while a kind is set aside because its looks do not end. */
  isSetAside(kind: string): boolean {
    return this.#runner.isSetAside(kind);
  }

  /** Lets checks look as soon as the bounds allow; one that waits or looks already does not look twice. */
  ask(checks: readonly RegisteredCheck[]): void {
    if (this.#ending.signal.aborted) return;
    for (const check of checks) {
      const { id, policy } = check;
      this.#checks.set(id, check);
      this.#turns.ask(policy.target === undefined ? { id } : { id, target: policy.target });
    }
    this.#pump();
  }

  /** The same, and tells what came of it, in the order asked for. */
  askFor(checks: readonly RegisteredCheck[]): Promise<readonly CheckReport[]> {
    const reports = checks.map(({ id }) => {
      const { promise, resolve } = Promise.withResolvers<CheckReport>();
      if (this.#ending.signal.aborted) resolve({ checkId: id });
      else this.#asked.set(id, [...(this.#asked.get(id) ?? []), resolve]);
      return promise;
    });
    this.ask(checks);
    return Promise.all(reports);
  }

  /** Cancels what goes on; resolves when nothing does any more. */
  async end(): Promise<void> {
    this.#turns.clear();
    this.#ending.abort(new Error('the engine is ending'));
    for (const id of [...this.#asked.keys()]) this.#answer({ checkId: id });
    await Promise.all(this.#going);
  }

  #pump(): void {
    for (let id = this.#turns.take(); id !== undefined; id = this.#turns.take()) {
      const check = this.#checks.get(id);
      if (check === undefined) continue;
      const going: Promise<void> = this.#lookOnce(check).finally(() => this.#going.delete(going));
      this.#going.add(going);
    }
  }

  async #lookOnce(check: RegisteredCheck): Promise<void> {
    const { id } = check;
    const { stateOf, lastGap, outage, onFound, onDone } = this.#parts;
    const state = stateOf(id);
    const previous = state?.last;
    const attempt = state !== undefined && wantsRetry(state) ? (previous?.attempt ?? 0) + 1 : 1;
    const cancel = this.#ending.signal;
    const lost = { gap: lastGap(), outage: outage() };
    const look = await this.#runner.look(check, { attempt, previous, ...lost, cancel });
    if (look === undefined) {
      this.#turns.done(id);
      return this.#answer({ checkId: id });
    }
    onFound(check, look, previous);
    const report = await this.#record(id, look);
    this.#turns.done(id);
    onDone(check, report);
    this.#answer(report);
    this.#pump();
  }

  async #record(checkId: string, look: CheckLook): Promise<CheckReport> {
    const { record, stateOf } = this.#parts;
    try {
      await record(checkId, look);
    } catch (error) {
      return { checkId, look, failure: { error } };
    }
    const state = stateOf(checkId);
    // What is on record is the look after the thresholds were applied.
    return state?.last === undefined ? { checkId, look } : { checkId, look: state.last, state };
  }

  #answer(report: CheckReport): void {
    const waiting = this.#asked.get(report.checkId) ?? [];
    this.#asked.delete(report.checkId);
    for (const resolve of waiting) resolve(report);
  }
}
