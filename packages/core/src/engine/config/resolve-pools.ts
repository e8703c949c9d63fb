import type { TargetDefinition } from '../../run/targets/target.ts';
import { DEFAULT_POLICIES } from '../../run/targets/target-policies.ts';
import type { ConfigPlace } from './config-place.ts';
import { nearestWord } from './nearest-word.ts';
import { poolLimitSchema } from './policy-schema.ts';
import { isRawObject, readValue } from './read-fields.ts';
import { allowedName, namePattern } from './schema-fields.ts';

/** The limits of `pools` by name; a wrong entry was reported and is left out. */
export function readPools(value: unknown, place: ConfigPlace): Readonly<Record<string, number>> {
  const pools: Record<string, number> = {};
  if (value === undefined) return pools;
  if (!isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} is not a set of pools`,
      allowed: 'names with a limit: { heavy: 2 }',
      remedy: 'write how many runs may go on at once in each pool',
    });
    return pools;
  }
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    const at = place.child(name);
    const limit = readValue(poolLimitSchema, entry, at);
    if (!namePattern.test(name)) {
      at.report({
        value: name,
        message: `${at.show(name)} is not a name of a pool`,
        allowed: allowedName,
        remedy: 'choose another name',
      });
    } else if (typeof limit === 'number') pools[name] = limit;
  }
  return pools;
}

/** Pool of the acts on one backup folder, which take turns. */
const KEEP_POOL = 'keep';

/**
 * Acts on a backup folder lock it, so two of them at once would make one fail: those that name no pool share one that
 * lets them run one after the other. Copying in near real time has a folder of its own, the database needs none.
 */
export function pooledKeep(
  targets: readonly TargetDefinition[],
  pools: Readonly<Record<string, number>>,
): { readonly targets: readonly TargetDefinition[]; readonly pools: Readonly<Record<string, number>> } {
  const takesTurns = ({ work, policies }: TargetDefinition) =>
    work.kind === 'keep' &&
    work.act !== 'real-time' &&
    work.act !== 'optimize-database' &&
    policies.pool === DEFAULT_POLICIES.pool;
  if (!targets.some(takesTurns)) return { targets, pools };
  return {
    targets: targets.map((target) =>
      takesTurns(target) ? { ...target, policies: { ...target.policies, pool: KEEP_POOL } } : target,
    ),
    pools: { [KEEP_POOL]: 1, ...pools },
  };
}

/** Reports pools that targets name and nobody declared, and declared ones that nobody names. */
export function reportPoolNames(targets: unknown, pools: unknown, place: ConfigPlace): void {
  const declared = isRawObject(pools) ? Object.keys(pools) : [];
  const known = [...declared, DEFAULT_POLICIES.pool];
  const named = new Set<string>([DEFAULT_POLICIES.pool]);
  for (const [index, target] of (Array.isArray(targets) ? targets : []).entries()) {
    const pool: unknown = isRawObject(target) ? target['pool'] : undefined;
    if (typeof pool !== 'string') continue;
    named.add(pool);
    if (known.includes(pool) || !namePattern.test(pool)) continue;
    const near = nearestWord(pool, known);
    if (near !== undefined) named.add(near);
    const at = place.child('targets').child(index).child('pool');
    at.report({
      value: pool,
      message: `${at.show(pool)} is not a pool`,
      allowed: `an entry of 'pools', or '${DEFAULT_POLICIES.pool}'`,
      remedy: near === undefined ? `add it: pools: { ${pool}: 2 }` : `did you mean '${near}'?`,
    });
  }
  for (const name of declared.filter((pool) => !named.has(pool))) {
    const at = place.child('pools').child(name);
    at.report({
      value: name,
      message: `no target is in the pool ${at.show(name)}, so its limit does nothing`,
      allowed: "pools that are named by the 'pool' of a target",
      remedy: `write pool: '${name}' in the targets that share the limit, or remove the entry`,
    });
  }
}
