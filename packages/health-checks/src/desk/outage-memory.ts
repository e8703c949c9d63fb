import type { CheckCall, CheckFinding } from '@qts-ops/core/plugin';
import { shownMs } from '../look/shown-numbers.ts';

/** Time in which nothing could be heard over the network. */
export interface DeafTime {
  /** When something could last be heard before it, ms UTC. */
  readonly afterMs: number;
  /** When something could be heard again, ms UTC; infinite while nothing can. */
  readonly untilMs: number;
  /** Why, for a message. */
  readonly text: string;
}

/** Remembers since when some work has failed, so that an outage of our own connection hides no failure of before. */
export class OutageMemory {
  #failedAtMs: number | undefined;

  /**
   * The last outage, where it can have kept signs of this work away; `signMs` is when the last one came. A sign that came
   * during the outage proves that this work can reach us all the same; what had failed before it still fails.
   */
  deafTime({ outage, nowMs }: CheckCall, signMs: number | undefined): DeafTime | undefined {
    if (outage === undefined || (signMs !== undefined && signMs > outage.fromMs)) return undefined;
    if (this.#failedAtMs !== undefined && this.#failedAtMs <= outage.upUntilMs) return undefined;
    const { upUntilMs: afterMs, toMs } = outage;
    if (toMs === undefined) {
      return { afterMs, untilMs: Number.POSITIVE_INFINITY, text: 'our own connection is down' };
    }
    const ago = shownMs(Math.max(0, nowMs - toMs));
    return { afterMs, untilMs: toMs, text: `our own connection was down until ${ago} ago` };
  }

  /** Takes in what a look found, and hands it on. */
  keep(finding: CheckFinding, { nowMs }: CheckCall): CheckFinding {
    this.#failedAtMs = finding.status === 'fail' ? (this.#failedAtMs ?? nowMs) : undefined;
    return finding;
  }
}
