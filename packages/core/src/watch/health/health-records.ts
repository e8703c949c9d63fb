import { COMMIT_ATTEMPTS_MAX, type CommitResult } from '../../kernel/change.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { CheckState } from './check-state.ts';
import { afterGap } from './gap-rules.ts';
import type { BookNow, HealthBook, HealthDecision, HealthEntry } from './health-book.ts';
import type { HealthChange, HealthGap } from './health-changes.ts';
import type { HealthStore } from './health-store.ts';
import { removalSignal } from './signal-rules.ts';

/** Looks that are decided and written together at most. */
const BATCH_MAX = 500;

/** What the records are kept with. */
export interface HealthRecordsParts {
  readonly book: HealthBook;
  readonly checkIds: readonly string[];
  /** What is on record of other checks is left alone. */
  readonly keepsOthers: boolean;
  readonly store: HealthStore;
  /** Writes changes, with whatever reactions they have, in one transaction or not at all. */
  readonly commit: (changes: readonly HealthChange[]) => Promise<CommitResult>;
  readonly now: () => BookNow;
}

interface Arrived {
  readonly entry: HealthEntry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The states of all checks as they are on record. Entries that arrive while others are being written are written
 * together; looks that only confirm what is known wait for the next write or `flush`.
 */
export class HealthRecords {
  readonly #parts: HealthRecordsParts;
  readonly #states = new Map<string, CheckState>();
  readonly #quiet = new Set<string>();
  readonly #held = new Set<string>();
  readonly #arrived: Arrived[] = [];
  #writing: Promise<void> | undefined;

  constructor(parts: HealthRecordsParts) {
    this.#parts = parts;
  }

  get states(): ReadonlyMap<string, CheckState> {
    return this.#states;
  }

  /** Checks whose alert is held back. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** Reads what earlier engines left; checks that are no longer configured are forgotten and their alerts resolved. */
  async load(): Promise<void> {
    const stored = await this.#readStates();
    const configured = new Set(this.#parts.checkIds);
    const others = stored.filter(({ checkId }) => !configured.has(checkId));
    for (const { checkId } of others) this.#states.delete(checkId);
    const gone = this.#parts.keepsOthers ? [] : others;
    const { nowMs } = this.#parts.now();
    const removals = gone.map((state): HealthChange => {
      const signal = removalSignal(state, nowMs);
      const told = signal === undefined ? {} : { signal };
      return { kind: 'health.remove', checkId: state.checkId, because: 'removed', atMs: nowMs, ...told };
    });
    if (removals.length > 0) await this.#parts.commit(removals);
    for (const state of this.#states.values()) {
      if (state.settled && state.status !== 'pass' && state.raised === undefined)
        this.#held.add(state.checkId);
    }
  }

  /** Takes an entry in; resolves when it is on record, or remembered for the next write. */
  take(entry: HealthEntry): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#arrived.push({ entry, resolve, reject });
    this.#writing ??= this.#writeArrived();
    return promise;
  }

  /** After a gap every finding counts as fresh once more; the gap itself goes on record. */
  async rearm(gap: HealthGap, nowMs: number): Promise<void> {
    for (const [id, state] of this.#states) this.#states.set(id, afterGap(state, gap, nowMs));
    await this.#parts.commit([{ kind: 'health.gap', gap }]);
  }

  /** Writes what only confirmed what was known. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => undefined);
    if (this.#quiet.size === 0) return;
    this.#writing = this.#commitQuiet();
    await this.#writing;
  }

  async #commitQuiet(): Promise<void> {
    try {
      const nothing = { moved: new Map(), changes: [], quiet: new Set<string>(), held: new Map() };
      if ((await this.#commit(nothing)) === 'conflict') await this.#readStates();
    } finally {
      this.#writing = undefined;
      if (this.#arrived.length > 0) this.#writing = this.#writeArrived();
    }
  }

  async #writeArrived(): Promise<void> {
    // One turn for others that arrive at the same time.
    await Promise.resolve();
    while (this.#arrived.length > 0) {
      const batch = this.#arrived.splice(0, BATCH_MAX);
      try {
        await this.#write(batch.map(({ entry }) => entry));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(entries: readonly HealthEntry[]): Promise<void> {
    for (let attempt = 1; attempt <= COMMIT_ATTEMPTS_MAX; attempt++) {
      const decision = this.#parts.book.decide(entries, this.#states, this.#parts.now().inGrace);
      if (decision.changes.length === 0) return this.#apply(decision);
      if ((await this.#commit(decision)) === 'committed') return;
      await this.#readStates();
    }
    throw opsException('LOG-0101', 'the states of checks are changed by somebody else again and again');
  }

  /** Writes a decision, and with it everything that was put off. */
  async #commit(decision: HealthDecision): Promise<CommitResult> {
    const quiet = [...this.#quiet].filter((id) => !decision.moved.has(id) || decision.quiet.has(id));
    const late = [...new Set([...quiet, ...decision.quiet])].flatMap((id) => {
      const state = decision.moved.get(id) ?? this.#states.get(id);
      return state === undefined ? [] : [state];
    });
    const result = await this.#parts.commit([...decision.changes, ...late.flatMap(lateChanges)]);
    if (result === 'conflict') return result;
    this.#apply(decision);
    this.#quiet.clear();
    for (const state of late) this.#states.set(state.checkId, { ...state, revision: state.revision + 1 });
    return result;
  }

  #apply({ moved, quiet, held }: HealthDecision): void {
    for (const [id, state] of moved) this.#states.set(id, state);
    for (const id of quiet) this.#quiet.add(id);
    for (const [id, isHeld] of held) {
      if (isHeld) this.#held.add(id);
      else this.#held.delete(id);
    }
  }

  async #readStates(): Promise<readonly CheckState[]> {
    const stored = await this.#parts.store.readCheckStates();
    this.#states.clear();
    this.#quiet.clear();
    for (const state of stored) this.#states.set(state.checkId, state);
    return stored;
  }
}

/** The writes of a state that only confirmed what was known. */
function lateChanges(state: CheckState): readonly HealthChange[] {
  const { revision, span, last, sinceMs } = state;
  const update: HealthChange = {
    kind: 'health.update',
    expectRevision: revision,
    state: { ...state, revision: revision + 1 },
    because: 'seen',
    atMs: last?.atMs ?? sinceMs,
  };
  return span === undefined ? [update] : [update, { kind: 'health.span', span }];
}
