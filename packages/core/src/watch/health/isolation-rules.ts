import type { CheckLook } from './check-state.ts';

/** Id of the check that says whether our own connection is up. */
export const ISOLATION_CHECK = 'isolation';

/** Checks of things outside that do not fail together unless our own connection is down. */
export interface IsolationPolicy {
  readonly references: readonly string[];
  /** So many of them must fail, 1 … number of references. */
  readonly down: number;
}

/** Whether we are cut off, by what the reference checks last found themselves. */
export class IsolationGuard {
  readonly #policy: IsolationPolicy;
  readonly #failing = new Set<string>();

  constructor(policy: IsolationPolicy) {
    this.#policy = policy;
  }

  get isolated(): boolean {
    return this.#failing.size >= this.#policy.down;
  }

  /** True for a check whose looks tell about our connection. */
  isReference(checkId: string): boolean {
    return this.#policy.references.includes(checkId);
  }

  /** Takes in what a reference check found, before it is changed by `masked`. */
  note(checkId: string, look: CheckLook): void {
    if (!this.isReference(checkId)) return;
    if (look.status === 'fail') this.#failing.add(checkId);
    else if (look.status !== 'unknown') this.#failing.delete(checkId);
  }

  /** What a failed look over the network says while we are cut off: nothing about its target. */
  masked(look: CheckLook): CheckLook {
    if (!this.isolated || look.status !== 'fail') return look;
    return { ...look, status: 'unknown', isolated: true, message: `isolated: ${look.message}` };
  }

  /** The look of the isolation check itself. */
  look(atMs: number): CheckLook {
    const { references } = this.#policy;
    const count = `${this.#failing.size} of ${references.length} reference checks fail`;
    return {
      status: this.isolated ? 'fail' : 'pass',
      message: this.isolated
        ? `our own connection is down: ${count} (${[...this.#failing].join(', ')})`
        : count,
      value: this.#failing.size,
      atMs,
      durationMs: 0,
      attempt: 1,
    };
  }
}
