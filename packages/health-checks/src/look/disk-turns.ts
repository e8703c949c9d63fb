/**
 * The runtime has four threads for files and for names of hosts. A disk that does not answer keeps a thread for as long
 * as it does not; with three looks at files at once one thread is left for everything else of the process.
 */
const LOOKS_AT_ONCE = 3;

interface Waiter {
  readonly target: string;
  readonly begin: () => void;
}

/** Whose turn it is to look at files. A look keeps its turn until its work has ended, however long ago its deadline was. */
export class DiskTurns {
  readonly #busy = new Set<string>();
  readonly #waiting = new Set<Waiter>();

  /** Does the work when it is its turn; a target has one turn at a time. Rejects without it when the signal aborts first. */
  async run<T>(target: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(target, signal);
    try {
      return await work();
    } finally {
      this.#busy.delete(target);
      this.#next();
    }
  }

  /** Targets whose looks go on. */
  get busy(): readonly string[] {
    return [...this.#busy];
  }

  async #turn(target: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#mayBegin(target)) return void this.#busy.add(target);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { target, begin: resolve };
    const leave = () => {
      this.#waiting.delete(waiter);
      reject(signal.reason);
    };
    this.#waiting.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
    await promise.finally(() => signal.removeEventListener('abort', leave));
  }

  #mayBegin(target: string): boolean {
    return this.#busy.size < LOOKS_AT_ONCE && !this.#busy.has(target);
  }

  #next(): void {
    for (const waiter of this.#waiting) {
      if (!this.#mayBegin(waiter.target)) continue;
      this.#waiting.delete(waiter);
      this.#busy.add(waiter.target);
      waiter.begin();
    }
  }
}

/** The turns of this process. */
export const diskTurns = new DiskTurns();
