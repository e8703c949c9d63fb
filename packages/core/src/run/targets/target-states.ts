import type { Change, CommitResult } from '../../kernel/change.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import { SerialQueue } from '../../kernel/serial-queue.ts';
import type { TargetDefinition, TargetState } from './target.ts';

/** Where states are written and read. */
export interface TargetRecord<C extends Change> {
  commit(changes: readonly C[]): Promise<CommitResult>;
  readTargetStates(): Promise<readonly TargetState[]>;
}

/**
 * The engine's one copy of every target's state. It changes only after a commit, and decisions that change it
 * run one after another, so that no decision is made on a state another one is about to replace.
 */
export class TargetStates<C extends Change> {
  readonly #definitions: ReadonlyMap<string, TargetDefinition>;
  readonly #states = new Map<string, TargetState>();
  readonly #decisions = new SerialQueue();
  readonly #record: TargetRecord<C>;

  constructor(definitions: readonly TargetDefinition[], record: TargetRecord<C>) {
    this.#definitions = new Map(definitions.map((definition) => [definition.id, definition]));
    this.#record = record;
  }

  /** Every target of the config, in its order. */
  definitions(): Iterable<TargetDefinition> {
    return this.#definitions.values();
  }

  findDefinition(id: string): TargetDefinition | undefined {
    return this.#definitions.get(id);
  }

  /** @throws INP-0306 for a target the configuration does not name. */
  requireDefinition(id: string): TargetDefinition {
    const definition = this.#definitions.get(id);
    if (definition !== undefined) return definition;
    const known = [...this.#definitions.keys()].slice(0, 20).join(', ') || 'none';
    throw opsException('INP-0306', `target: ${id}; allowed: ${known}`, {
      data: { targetId: id.slice(0, 60) },
    });
  }

  /** @throws INP-0306 for a target the configuration does not name. */
  require(id: string): TargetState {
    const state = this.#states.get(id);
    if (state !== undefined && this.#definitions.has(id)) return state;
    this.requireDefinition(id);
    throw opsException('INP-0306', `target ${id} has no state yet; the engine is starting`);
  }

  /** Puts in states that were read from or just written to the store. */
  load(states: readonly TargetState[]): void {
    for (const state of states) this.#states.set(state.targetId, state);
  }

  /** Runs a decision while no other one runs. Do not call it from inside a decision. */
  exclusively<T>(decision: () => Promise<T>): Promise<T> {
    return this.#decisions.run(decision);
  }

  /**
   * Commits changes and, when they were committed, takes over the states that follow from them. After a conflict the
   * stored states are read again: somebody else wrote them, and the next decision must be made on what is there.
   */
  async commit(changes: readonly C[], states: readonly TargetState[]): Promise<CommitResult> {
    const result = await this.#record.commit(changes);
    this.load(result === 'committed' ? states : await this.#record.readTargetStates());
    return result;
  }
}
