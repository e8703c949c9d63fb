import { stopJob } from './terminal-host.ts';

/** Gives the terminal away while `work` runs, then takes it back and paints everything anew. */
export type GiveTerminal = (work: () => void) => Promise<void>;

/** Job control of the screen: to the shell and back, and painting anew after somebody else drew on the terminal. */
export class ScreenJob {
  #give: GiveTerminal | undefined;
  #busy = false;

  /** The drawing library lends its terminal; called once it is mounted. */
  attach(give: GiveTerminal): void {
    this.#give = give;
  }

  /** Stops the job; everything is painted anew when it is continued. */
  async suspend(): Promise<void> {
    await this.#during(stopJob);
  }

  /** Paints everything anew and takes the keyboard again. */
  async repaint(): Promise<void> {
    await this.#during(() => undefined);
  }

  async #during(work: () => void): Promise<void> {
    if (this.#give === undefined || this.#busy) return;
    this.#busy = true;
    try {
      await this.#give(work);
    } finally {
      this.#busy = false;
    }
  }
}
