/** How far back a rate looks, ms: it follows a disk that got slower, and does not jump with each file. */
const WINDOW_MS = 10_000;
/** A rate is measured over so long at least, ms. */
const RATE_FROM_MS = 1000;
/** Samples are apart by so much at least, ms. */
const SAMPLE_EVERY_MS = 250;

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

/** Where something is. */
export interface Milestone {
  readonly done: number;
  readonly total?: number | undefined;
  /** In words; another text, numbers aside, is another stage. */
  readonly message?: string | undefined;
}

/** How fast something goes on now. */
export interface ProgressRate {
  readonly ratePerSecond: number;
  /** How long the rest takes, ms; absent when there is no total, or nothing goes on. */
  readonly etaMs?: number;
}

/** Measures a rate from where something is now and then. What was done before the first look counts for none. */
export class ProgressMeter {
  #samples: Sample[] = [];
  #stage = '';

  /** The rate at an instant; undefined as long as there is too little to tell. */
  rateAt(atMs: number, { done, total, message = '' }: Milestone): ProgressRate | undefined {
    const stage = message.replaceAll(/\d+/g, '');
    // The next stage has a rate of its own.
    if (stage !== this.#stage || done < (this.#samples.at(-1)?.done ?? 0)) this.#samples = [];
    this.#stage = stage;
    const last = this.#samples.at(-1);
    if (last === undefined || atMs - last.atMs >= SAMPLE_EVERY_MS) this.#samples.push({ atMs, done });
    while (atMs - (this.#samples[1]?.atMs ?? atMs) >= WINDOW_MS) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || atMs - first.atMs < RATE_FROM_MS) return undefined;
    return rateOf({ perMs: (done - first.done) / (atMs - first.atMs), left: (total ?? 0) - done });
  }
}

function rateOf({ perMs, left }: { readonly perMs: number; readonly left: number }): ProgressRate {
  const ratePerSecond = perMs * 1000;
  return perMs > 0 && left > 0 ? { ratePerSecond, etaMs: left / perMs } : { ratePerSecond };
}
