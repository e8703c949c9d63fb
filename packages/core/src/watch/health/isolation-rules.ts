import type { CheckOutage } from '../../ports/health-check.ts';
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
  /** What each reference last found itself; one that could not look is as it was. */
  readonly #found = new Map<string, Found>();
  #outage: CheckOutage | undefined;

  constructor(policy: IsolationPolicy) {
    this.#policy = policy;
  }

  get isolated(): boolean {
    return this.#failing().length >= this.#policy.down;
  }

  /** The last time we were cut off; absent before the first. */
  get outage(): CheckOutage | undefined {
    return this.#outage;
  }

  /** True for a check whose looks tell about our connection. */
  isReference(checkId: string): boolean {
    return this.#policy.references.includes(checkId);
  }

  /** Takes in what a reference check found, before it is changed by `masked`. */
  note(checkId: string, look: CheckLook): void {
    if (!this.isReference(checkId)) return;
    if (look.status === 'unknown') return;
    const isFailing = look.status === 'fail';
    const passedAtMs = isFailing ? this.#found.get(checkId)?.passedAtMs : look.atMs;
    const { atMs } = look;
    this.#found.set(checkId, { isFailing, atMs, ...(passedAtMs === undefined ? {} : { passedAtMs }) });
    this.#follow(atMs);
  }

  /**
   * Forgets what was found so long ago that it says nothing any more: references that are no longer looked at must
   * not keep us cut off for ever. True when that ends it.
   */
  forgetOld(nowMs: number, staleAfterMsOf: (checkId: string) => number): boolean {
    const before = this.isolated;
    for (const [id, { atMs }] of this.#found) {
      if (Math.abs(nowMs - atMs) > staleAfterMsOf(id)) this.#found.delete(id);
    }
    this.#follow(nowMs);
    return before && !this.isolated;
  }

  /** What a failed look over the network says while we are cut off: nothing about its target. */
  masked(look: CheckLook): CheckLook {
    if (!this.isolated || look.status !== 'fail') return look;
    return { ...look, status: 'unknown', isolated: true, message: `isolated: ${look.message}` };
  }

  /** The look of the isolation check itself. */
  look(atMs: number): CheckLook {
    const { references } = this.#policy;
    const failing = this.#failing();
    const count = `${failing.length} of ${references.length} reference checks fail`;
    const known = this.#found.size > 0;
    return {
      status: this.isolated ? 'fail' : known ? 'pass' : 'unknown',
      message: this.isolated
        ? `our own connection is down: ${count} (${failing.join(', ')})`
        : known
          ? count
          : 'no reference check could look',
      value: failing.length,
      atMs,
      durationMs: 0,
      attempt: 1,
    };
  }

  #follow(atMs: number): void {
    const outage = this.#outage;
    const isOpen = outage !== undefined && outage.toMs === undefined;
    if (this.isolated === isOpen) return;
    if (isOpen) this.#outage = { ...outage, toMs: atMs };
    else {
      const passed = [...this.#found.values()].filter(({ isFailing }) => isFailing);
      const upUntilMs = Math.max(...passed.map(({ passedAtMs }) => passedAtMs ?? Number.NEGATIVE_INFINITY));
      this.#outage = { upUntilMs: Number.isFinite(upUntilMs) ? upUntilMs : atMs, fromMs: atMs };
    }
  }

  #failing(): readonly string[] {
    return [...this.#found].flatMap(([id, { isFailing }]) => (isFailing ? [id] : []));
  }
}

interface Found {
  readonly isFailing: boolean;
  readonly atMs: number;
  /** When it last passed; absent when it never did. */
  readonly passedAtMs?: number;
}
