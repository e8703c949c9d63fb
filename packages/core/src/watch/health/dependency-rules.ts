import './health-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';

/** Who depends on whom, as the checks name it. */
export interface DependingCheck {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** Parents and children of every check, near and far. */
export interface CheckDependencies {
  /** Every check this one depends on, through others too. */
  ancestorsOf(id: string): readonly string[];
  /** Every check that depends on this one, through others too. */
  descendantsOf(id: string): readonly string[];
}

/**
 * Reads who depends on whom.
 * @throws INP-0903 for a name that is no check, and for a circle, with its members in order.
 */
export function readDependencies(checks: readonly DependingCheck[]): CheckDependencies {
  const parents = new Map(checks.map(({ id, dependsOn }) => [id, dependsOn]));
  const ancestors = new Map<string, ReadonlySet<string>>();
  const visit = (id: string, path: readonly string[]): ReadonlySet<string> => {
    const known = ancestors.get(id);
    if (known !== undefined) return known;
    const from = path.indexOf(id);
    if (from >= 0) throw circle([...path.slice(from), id]);
    const all = new Set<string>();
    for (const parent of parents.get(id) ?? []) {
      if (!parents.has(parent)) throw unknownParent(id, parent, [...parents.keys()]);
      all.add(parent);
      for (const ancestor of visit(parent, [...path, id])) all.add(ancestor);
    }
    ancestors.set(id, all);
    return all;
  };
  for (const { id } of checks) visit(id, []);
  const descendants = new Map<string, string[]>();
  for (const [id, all] of ancestors) {
    for (const ancestor of all) descendants.set(ancestor, [...(descendants.get(ancestor) ?? []), id]);
  }
  return {
    ancestorsOf: (id) => [...(ancestors.get(id) ?? [])],
    descendantsOf: (id) => descendants.get(id) ?? [],
  };
}

function circle(path: readonly string[]) {
  const text = path.join(' -> ');
  return opsException('INP-0903', `dependsOn: ${text} is a circle; allowed: checks without circles`, {
    data: { circle: [...path] },
  });
}

function unknownParent(id: string, parent: string, known: readonly string[]) {
  return opsException(
    'INP-0903',
    `check ${id}: dependsOn names ${parent}, which is no check; allowed: ${known.slice(0, 20).join(', ')}`,
    { data: { check: id, parent } },
  );
}
