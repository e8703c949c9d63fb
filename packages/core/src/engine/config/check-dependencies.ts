import { formatExactDuration } from '../../kernel/duration.ts';
import { haveSameSlots } from '../../run/scheduler/same-slots.ts';
import { describeSchedule, type Schedule } from '../../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';
import { reportCrowdedDay } from './check-days.ts';
import type { ConfigPlace } from './config-place.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject } from './read-fields.ts';
import { parentsOf } from './resolve-dependency.ts';

/** A target as far as dependencies are concerned. */
interface Node {
  readonly id: string;
  /** Existing targets it waits for, itself left out. */
  readonly parents: readonly string[];
  /** Absent when something else is wrong with the target. */
  readonly definition?: TargetDefinition;
  /** Place of `after`. */
  readonly place: ConfigPlace;
}

/** Whose slots a target runs at; `unknown` after a report, so that its followers are not reported too. */
type SlotSource =
  | { readonly kind: 'slots'; readonly rootId: string; readonly schedule: Schedule }
  /** One slot on each day, of a target that is matched by days. */
  | { readonly kind: 'days'; readonly rootId: string }
  | { readonly kind: 'demand' | 'unknown' };

/**
 * Reports dependencies that cannot be: ids that do not exist, targets that wait for themselves, alone or in a circle, and
 * parents that do not share their slots. `definitions` stand at the places of `entries`.
 */
export function checkDependencies(
  entries: readonly unknown[],
  definitions: readonly (TargetDefinition | undefined)[],
  { place, nowMs }: { readonly place: ConfigPlace; readonly nowMs: number },
): void {
  const ids = new Set(entries.flatMap((entry) => idOf(entry) ?? []));
  const nodes = new Map<string, Node>();
  for (const [index, entry] of entries.entries()) {
    const id = idOf(entry);
    if (id === undefined || nodes.has(id)) continue;
    const definition = definitions[index];
    const at = place.child(index).child('after');
    const parents = knownParents(entry, { id, ids, place: at });
    nodes.set(id, { id, parents, place: at, ...(definition === undefined ? {} : { definition }) });
  }
  const { order, circular } = inOrder(nodes);
  reportCycles(circular);
  reportSlots(order, nowMs);
}

function idOf(entry: unknown): string | undefined {
  const id = isRawObject(entry) ? entry['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function knownParents(
  entry: unknown,
  { id, ids, place }: { readonly id: string; readonly ids: ReadonlySet<string>; readonly place: ConfigPlace },
): readonly string[] {
  const after = isRawObject(entry) ? entry['after'] : undefined;
  const parents = after === undefined ? [] : (parentsOf(after) ?? []);
  return parents.filter((parent, index) => {
    const at = Array.isArray(after) ? place.child(index) : place;
    if (parent === id) reportSelf(id, at);
    else if (!ids.has(parent))
      reportUnknownParent(
        parent,
        [...ids].filter((known) => known !== id),
        at,
      );
    else return true;
    return false;
  });
}

function reportSelf(id: string, place: ConfigPlace): void {
  place.report({
    value: id,
    message: `${place.show(id)} waits for itself`,
    allowed: 'ids of other targets',
    remedy: "remove it from 'after'",
  });
}

function reportUnknownParent(parent: string, known: readonly string[], place: ConfigPlace): void {
  const near = nearestWord(parent, known);
  place.report({
    value: parent,
    message: `there is no target ${place.show(parent)}`,
    allowed: 'ids of targets of this config',
    remedy: near === undefined ? 'add the target, or correct the id' : `did you mean '${near}'?`,
  });
}

/** Targets so that parents come first, and those that wait in a circle, or behind one. */
function inOrder(nodes: ReadonlyMap<string, Node>): {
  readonly order: readonly Node[];
  readonly circular: ReadonlyMap<string, Node>;
} {
  const waiting = new Map<string, number>();
  const children = new Map<string, Node[]>();
  for (const node of nodes.values()) {
    waiting.set(node.id, node.parents.length);
    for (const parent of node.parents) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [node]);
      else known.push(node);
    }
  }
  const order = [...nodes.values()].filter(({ parents }) => parents.length === 0);
  // The list grows while it is walked: a target follows as soon as its last parent is in it.
  for (const node of order) {
    for (const child of children.get(node.id) ?? []) {
      const left = (waiting.get(child.id) ?? 0) - 1;
      waiting.set(child.id, left);
      if (left === 0) order.push(child);
    }
  }
  const placed = new Set(order.map(({ id }) => id));
  return { order, circular: new Map([...nodes].filter(([id]) => !placed.has(id))) };
}

/** Each circle once, named from its first target in the order of the config. */
function reportCycles(circular: ReadonlyMap<string, Node>): void {
  const seen = new Set<string>();
  for (const start of circular.values()) {
    const path: Node[] = [];
    let node: Node | undefined = start;
    while (node !== undefined && !seen.has(node.id)) {
      seen.add(node.id);
      path.push(node);
      const next: string | undefined = node.parents.find((parent) => circular.has(parent));
      node = next === undefined ? undefined : circular.get(next);
    }
    const from = path.findIndex(({ id }) => id === node?.id);
    const [first] = from === -1 ? [] : path.slice(from);
    if (first !== undefined) reportCycle(first, path.slice(from));
  }
}

function reportCycle({ id, place }: Node, cycle: readonly Node[]): void {
  place.report({
    value: cycle[0]?.parents.join(', '),
    message: `targets wait for each other in a circle: ${[...cycle.map((node) => node.id), id].join(' → ')}`,
    allowed: "'after' that leads to a target with a schedule",
    remedy: 'give one of them a schedule instead',
  });
}

function reportSlots(order: readonly Node[], nowMs: number): void {
  const sources = new Map<string, SlotSource>();
  for (const node of order) {
    const zone = node.definition?.policies.dependency?.sameDayIn;
    const source =
      zone === undefined ? sourceOf(node, sources) : daysSourceOf(node, sources, { zone, nowMs });
    sources.set(node.id, source);
  }
}

/** Parents may have any slots, as long as each of them has at most one on a day. */
function daysSourceOf(
  { id: rootId, parents, place }: Node,
  sources: ReadonlyMap<string, SlotSource>,
  { zone, nowMs }: { readonly zone: string; readonly nowMs: number },
): SlotSource {
  let isFine = true;
  for (const id of parents) {
    const source = sources.get(id) ?? { kind: 'unknown' };
    if (source.kind === 'demand') reportDemand(id, place);
    const isSlots = source.kind === 'slots';
    const isDaily = isSlots && reportCrowdedDay({ id, schedule: source.schedule, zone }, place, nowMs);
    isFine &&= isDaily || source.kind === 'days';
  }
  return isFine ? { kind: 'days', rootId } : { kind: 'unknown' };
}

function sourceOf(node: Node, sources: ReadonlyMap<string, SlotSource>): SlotSource {
  const { definition, parents, place } = node;
  const unknown: SlotSource = { kind: 'unknown' };
  if (definition === undefined) return unknown;
  if (definition.policies.dependency === undefined) {
    const { id: rootId, schedule } = definition;
    return schedule === undefined ? { kind: 'demand' } : { kind: 'slots', rootId, schedule };
  }
  let first: { readonly id: string; readonly source: Slots } | undefined;
  for (const id of parents) {
    const source = sources.get(id) ?? unknown;
    if (source.kind === 'demand') reportDemand(id, place);
    if (source.kind !== 'slots' && source.kind !== 'days') return unknown;
    if (first === undefined) first = { id, source };
    else if (!shareSlots(first.source, source)) {
      reportDifferent([first, { id, source }], place);
      return unknown;
    }
  }
  if (first === undefined) return unknown;
  if (first.source.kind === 'slots') reportTooFast(definition, first.source.schedule, place);
  return first.source;
}

type Slots = Extract<SlotSource, { readonly rootId: string }>;

function shareSlots(one: Slots, other: Slots): boolean {
  if (one.rootId === other.rootId) return true;
  return one.kind === 'slots' && other.kind === 'slots' && haveSameSlots(one.schedule, other.schedule);
}

function describeSlots(source: Slots): string {
  return source.kind === 'slots' ? describeSchedule(source.schedule) : 'one slot on each day of its parents';
}

function reportDemand(id: string, place: ConfigPlace): void {
  place.report({
    value: id,
    message: `${place.show(id)} runs only on demand, so it has no slots that another target could follow`,
    allowed: 'targets with a schedule, or targets that follow one',
    remedy: `give ${place.show(id)} a schedule, or run this target on demand too`,
  });
}

function reportDifferent(
  pair: readonly { readonly id: string; readonly source: Slots }[],
  place: ConfigPlace,
): void {
  const names = pair.map(({ id, source }) => `${place.show(id)} (${describeSlots(source)})`);
  place.report({
    value: pair.map(({ id }) => id).join(', '),
    message: `${names.join(' and ')} do not share their slots, so no run of one belongs to a run of the other`,
    allowed: 'targets with equal schedules that count on fixed instants, or targets that follow the same one',
    remedy:
      "let all of them have one schedule, put them in a row, each after the one before, or match runs of the same calendar day: afterBy: 'date'",
  });
}

function reportTooFast({ work }: TargetDefinition, schedule: Schedule, place: ConfigPlace): void {
  if (schedule.kind !== 'interval' || schedule.everyMs >= 1_000 || work.kind === 'function') return;
  place.report({
    value: undefined,
    message: `${formatExactDuration(schedule.everyMs)} between two slots is too short for work outside the engine's process`,
    allowed: '1 s or more for exec, isolated and http; 100 ms or more for functions',
    remedy: 'follow a target with a longer interval, or do the work in a function',
  });
}
