import type { NetworkIsolation } from '../../ports/network-isolation.ts';

/** The last reading of the isolation guard. It exists before the checks do, so that delivery can be given it first. */
export class IsolationReading implements NetworkIsolation {
  readonly #listeners = new Set<(isolated: boolean) => void>();
  #isolated = false;

  isIsolated(): boolean {
    return this.#isolated;
  }

  onIsolationChange(listener: (isolated: boolean) => void): () => void {
    const own = (isolated: boolean) => listener(isolated);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Takes in what the guard says now. */
  set(isolated: boolean): void {
    if (isolated === this.#isolated) return;
    this.#isolated = isolated;
    for (const listener of [...this.#listeners]) {
      try {
        listener(isolated);
      } catch {
        // A listener answers for itself; the checks that found the reading go on.
      }
    }
  }
}
