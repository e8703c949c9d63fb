import type { TargetDefinition } from '../targets/target.ts';
import { nextSlot } from './next-slot.ts';
import type { Schedule } from './schedule.ts';

/** Who comes after whom. */
export class DependencyTree {
  readonly #definitions: ReadonlyMap<string, TargetDefinition>;
  readonly #children = new Map<string, readonly TargetDefinition[]>();

  constructor(definitions: Iterable<TargetDefinition>) {
    this.#definitions = new Map([...definitions].map((definition) => [definition.id, definition]));
    for (const definition of this.#definitions.values()) {
      for (const parent of definition.policies.dependency?.after ?? []) {
        this.#children.set(parent, [...this.childrenOf(parent), definition]);
      }
    }
  }

  get isEmpty(): boolean {
    return this.#children.size === 0;
  }

  /** Every target that somebody waits for or that waits for somebody. */
  involved(): readonly string[] {
    return this.withDescendants([...this.#children.keys()]);
  }

  isParent(targetId: string): boolean {
    return this.#children.has(targetId);
  }

  childrenOf(targetId: string): readonly TargetDefinition[] {
    return this.#children.get(targetId) ?? [];
  }

  /** The targets and everything that comes after them, each once. */
  withDescendants(targetIds: readonly string[]): readonly string[] {
    const found = new Set(targetIds);
    for (const id of found) for (const child of this.childrenOf(id)) found.add(child.id);
    return [...found];
  }

  /** Whether no slot of a target lies between two; `lastMs` is absent when it is not known. */
  isNextSlot(targetId: string, lastMs: number | undefined, slotMs: number): boolean {
    const schedule = this.scheduleOf(targetId);
    // A delay has one slot at a time, but its dependents may still be at work on one when theirs skip the next.
    if (schedule?.kind === 'interval' && schedule.mode === 'delay') return this.#followsRoot(targetId);
    if (schedule === undefined || lastMs === undefined) return false;
    return nextSlot(schedule, lastMs) === slotMs;
  }

  #followsRoot(targetId: string): boolean {
    const parents = this.#definitions.get(targetId)?.policies.dependency?.after ?? [];
    return parents.every((id) => this.#definitions.get(id)?.schedule !== undefined);
  }

  /** The schedule whose slots a target runs at: its own, or that of the parents; absent where days are matched. */
  scheduleOf(targetId: string): Schedule | undefined {
    let definition = this.#definitions.get(targetId);
    // The config refuses circles; the bound keeps a mistake there from hanging the engine.
    for (let depth = 0; definition !== undefined && depth < this.#definitions.size; depth++) {
      if (definition.schedule !== undefined) return definition.schedule;
      if (definition.policies.dependency?.sameDayIn !== undefined) return undefined;
      definition = this.#definitions.get(definition.policies.dependency?.after[0] ?? '');
    }
    return undefined;
  }
}
