/** Notices of which some recipients wait for another attempt; the oldest is forgotten first. */
const NOTICES_MAX = 200;

/** What is settled about one notice so far. */
export interface SettledRecipients {
  readonly accepted: readonly string[];
  /** Refused for good. */
  readonly refused: readonly string[];
}

const NOBODY: SettledRecipients = { accepted: [], refused: [] };

/** Remembers who has a notice already, so that a further attempt goes to the others alone. */
export class RecipientBook {
  readonly #settled = new Map<string, SettledRecipients>();

  of(noticeId: string): SettledRecipients {
    return this.#settled.get(noticeId) ?? NOBODY;
  }

  /** Adds what one attempt settled and gives back everything that is settled now. */
  add(noticeId: string, more: SettledRecipients): SettledRecipients {
    const before = this.of(noticeId);
    const all = {
      accepted: [...before.accepted, ...more.accepted],
      refused: [...before.refused, ...more.refused],
    };
    this.forget(noticeId);
    this.#settled.set(noticeId, all);
    const oldest = this.#settled.keys().next();
    if (this.#settled.size > NOTICES_MAX && oldest.done !== true) this.forget(oldest.value);
    return all;
  }

  forget(noticeId: string): void {
    this.#settled.delete(noticeId);
  }
}
