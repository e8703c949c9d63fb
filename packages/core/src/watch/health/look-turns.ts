/** Looks that go on at once, over all checks. */
export const LOOKS_AT_ONCE = 8;
/** Looks that go on at once at one target. */
export const LOOKS_PER_TARGET = 2;

/** Of a check, what decides whose turn it is. */
export interface TurnTaker {
  readonly id: string;
  readonly target?: string;
}

/** Whose turn it is to look: first come, first served within the bounds, and never two looks of one check. */
export class LookTurns {
  readonly #waiting = new Map<string, TurnTaker>();
  readonly #looking = new Map<string, TurnTaker>();
  readonly #perTarget = new Map<string, number>();

  /** True from asking until the look has ended. */
  has(id: string): boolean {
    return this.#waiting.has(id) || this.#looking.has(id);
  }

  get looking(): number {
    return this.#looking.size;
  }

  /** Asks for a look; a check that waits or looks already is left as it is. */
  ask(check: TurnTaker): void {
    if (!this.has(check.id)) this.#waiting.set(check.id, check);
  }

  /** The check that may look now, which then counts as looking; absent when none may. */
  take(): string | undefined {
    if (this.#looking.size >= LOOKS_AT_ONCE) return undefined;
    for (const check of this.#waiting.values()) {
      if (this.#countAt(check) >= LOOKS_PER_TARGET) continue;
      this.#waiting.delete(check.id);
      this.#looking.set(check.id, check);
      this.#add(check, 1);
      return check.id;
    }
    return undefined;
  }

  /** The look of a check has ended. */
  done(id: string): void {
    const check = this.#looking.get(id);
    if (check === undefined) return;
    this.#looking.delete(id);
    this.#add(check, -1);
  }

  /** Forgets everyone who waits. */
  clear(): void {
    this.#waiting.clear();
  }

  #countAt({ target }: TurnTaker): number {
    return target === undefined ? 0 : (this.#perTarget.get(target) ?? 0);
  }

  #add(check: TurnTaker, change: 1 | -1): void {
    if (check.target === undefined) return;
    const count = this.#countAt(check) + change;
    if (count === 0) this.#perTarget.delete(check.target);
    else this.#perTarget.set(check.target, count);
  }
}
