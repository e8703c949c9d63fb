import type { TargetDefinition } from '../targets/target.ts';
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

  /** The schedule whose slots a target runs at: its own, or that of the parents, which share one. */
  scheduleOf(targetId: string): Schedule | undefined {
    let definition = this.#definitions.get(targetId);
    // The config refuses circles; the bound keeps a mistake there from hanging the engine.
    for (let depth = 0; definition !== undefined && depth < this.#definitions.size; depth++) {
      if (definition.schedule !== undefined) return definition.schedule;
      definition = this.#definitions.get(definition.policies.dependency?.after[0] ?? '');
    }
    return undefined;
  }
}
