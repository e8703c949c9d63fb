import type { CheckCall, CheckFinding } from '@qts-ops/core/plugin';
import { shownMs } from '../look/shown-numbers.ts';

/** Time in which nothing could be heard over the network. */
export interface DeafTime {
  /** When something could last be heard before it, ms UTC. */
  readonly afterMs: number;
  /** When something could be heard again, ms UTC; infinite while nothing can. */
  readonly untilMs: number;
  /** For how long something could have been heard since the last sign, this outage and earlier ones left out, ms. */
  readonly heardMs: number;
  /** Why, for a message. */
  readonly text: string;
}

/** So many signs during one outage prove that they can come. */
const SIGNS_PROVE = 2;

/**
 * Remembers since when some work has failed, so that an outage of our own connection hides no failure of before, and
 * for how long it could have been heard, so that outages that come again and again do not hide it for ever.
 */
export class OutageMemory {
  #failedAtMs: number | undefined;
  #signMs: number | undefined;
  #heardMs = 0;
  #lookedAtMs: number | undefined;
  /** Signs that came during the last outage, of those that looks saw. */
  readonly #through = new Set<number>();
  #outageMs: number | undefined;

  /**
   * The last outage, where it can have kept signs of this work away; `signMs` is when the last one came. Signs that came
   * during the outage prove that this work can reach us all the same, a single one that our connection was up for a
   * moment; what had failed before it still fails.
   */
  deafTime(call: CheckCall, signMs: number | undefined): DeafTime | undefined {
    this.#count(call, signMs);
    this.#note(call, signMs);
    const { outage, nowMs } = call;
    if (outage === undefined || this.#through.size >= SIGNS_PROVE) return undefined;
    if (this.#failedAtMs !== undefined && this.#failedAtMs <= outage.upUntilMs) return undefined;
    const { upUntilMs: afterMs, toMs } = outage;
    const heardMs = this.#heardMs;
    if (toMs === undefined) {
      return { afterMs, untilMs: Number.POSITIVE_INFINITY, heardMs, text: 'our own connection is down' };
    }
    const ago = shownMs(Math.max(0, nowMs - toMs));
    return { afterMs, untilMs: toMs, heardMs, text: `our own connection was down until ${ago} ago` };
  }

  /** Takes in what a look found, and hands it on. */
  keep(finding: CheckFinding, { nowMs }: CheckCall): CheckFinding {
    this.#failedAtMs = finding.status === 'fail' ? (this.#failedAtMs ?? nowMs) : undefined;
    return finding;
  }

  #note({ outage }: CheckCall, signMs: number | undefined): void {
    if (outage?.fromMs !== this.#outageMs) this.#through.clear();
    this.#outageMs = outage?.fromMs;
    if (outage === undefined || signMs === undefined || signMs <= outage.fromMs) return;
    if (signMs < (outage.toMs ?? Number.POSITIVE_INFINITY)) this.#through.add(signMs);
  }

  /** Time between two looks counts from the end of what lay between them. */
  #count({ outage, gap, nowMs }: CheckCall, signMs: number | undefined): void {
    const beforeMs = this.#lookedAtMs ?? nowMs;
    this.#lookedAtMs = nowMs;
    if (signMs !== this.#signMs) {
      this.#signMs = signMs;
      this.#heardMs = 0;
    } else if (outage === undefined || outage.toMs !== undefined) {
      const fromMs = Math.max(beforeMs, outage?.toMs ?? beforeMs, gap?.toMs ?? beforeMs);
      this.#heardMs += Math.max(0, nowMs - fromMs);
    }
  }
}
