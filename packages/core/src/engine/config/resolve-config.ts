import path from 'node:path';
import type { TargetDefinition } from '../../run/targets/target.ts';
import { checkDependencies } from './check-dependencies.ts';
import { reportKeepWork } from './check-keep-work.ts';
import { configError } from './config-errors.ts';
import {
  type ConfigKeys,
  ConfigPlace,
  type ConfigProblem,
  type ProblemSink,
  problemsText,
} from './config-place.ts';
import { configSchema, maxTargets } from './config-schema.ts';
import { namedSecrets } from './named-secrets.ts';
import type { OpsConfig } from './ops-config.ts';
import { isRawObject, type RawObject, readFields } from './read-fields.ts';
import { readCalendars } from './resolve-calendars.ts';
import { readKeep } from './resolve-keep.ts';
import { pooledKeep, readPools, reportPoolNames } from './resolve-pools.ts';
import { hiddenValues, type ResolveScope } from './resolve-scope.ts';
import { resolveTarget } from './resolve-target.ts';
import { readWatch } from './resolve-watch.ts';

/** What a config is checked against, besides itself. */
export interface ResolveContext {
  /** Variables that secrets may refer to. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Start of the example dates in messages, ms UTC. */
  readonly nowMs: number;
  /** Absolute path of the file; its folder is where relative paths start. */
  readonly configPath?: string | undefined;
  /** Absolute folder where relative paths start when there is no file. */
  readonly folder?: string | undefined;
  /** Line of a value in the file, for formats that have lines. */
  readonly lineOf?: ((keys: ConfigKeys) => number | undefined) | undefined;
  /** What was found wrong before, while plugins were loaded. */
  readonly earlier?: readonly ConfigProblem[] | undefined;
}

/** A usable config, or everything that is wrong with it. */
export type ConfigResolution =
  | { readonly ok: true; readonly config: OpsConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Checks a config and fills in its defaults; every problem is found in one pass. */
export function resolveConfig(input: unknown, context: ResolveContext): ConfigResolution {
  const problems: ConfigProblem[] = [...(context.earlier ?? [])];
  const sink: ProblemSink = { problems, hidden: hiddenValues(input, context.env), lineOf: context.lineOf };
  const place = new ConfigPlace(sink);
  if (!isRawObject(input)) {
    place.report({
      value: input,
      message: `${place.show(input)} is not a config`,
      allowed: "an object with at least 'instance' and 'targets'",
      remedy: "run 'qts-ops init' in an empty folder for an example that runs",
    });
    return { ok: false, problems };
  }
  const config = resolveWhole(input, place, context);
  if (config !== undefined && problems.length === 0) return { ok: true, config };
  return { ok: false, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

/**
 * The config, or the exception that lists what is wrong with it.
 * @throws InputDataException INP-0305; `data.problems` is the list, the message has it as text.
 */
export function requireConfig(input: unknown, context: ResolveContext): OpsConfig {
  const resolution = resolveConfig(input, context);
  if (resolution.ok) return resolution.config;
  throw configProblems(context.configPath ?? 'the configuration', resolution.problems);
}

/** INP-0305 for a list of problems; `name` is the file they are in. */
export function configProblems(name: string, problems: readonly ConfigProblem[]) {
  return configError('INP-0305', problemsText(name, problems), {
    data: { config: name, problems: problems.map((problem) => ({ ...problem })) },
  });
}

function resolveWhole(input: RawObject, place: ConfigPlace, context: ResolveContext): OpsConfig | undefined {
  const fields = readFields(configSchema, input, place);
  const folder = context.configPath === undefined ? context.folder : path.dirname(context.configPath);
  const pools = readPools(input['pools'], place.child('pools'));
  const from = { folder, timeZone: fields.timeZone };
  const scope: ResolveScope = {
    env: context.env,
    nowMs: context.nowMs,
    ...(folder === undefined ? {} : { folder }),
    timeZone: fields.timeZone ?? 'UTC',
    secrets: new Map(),
    calendars: readCalendars(input['calendars'], place.child('calendars'), from),
  };
  const targets = resolveTargets(input['targets'], place.child('targets'), scope);
  reportPoolNames(input['targets'], input['pools'], place);
  const keep = readKeep(input, place, folder);
  if (targets !== undefined) reportKeepWork(input, { targets, keep }, place);
  const watch = readWatch(input, place, scope.timeZone);
  if (fields.instance === undefined || targets === undefined) return undefined;
  return {
    instance: fields.instance,
    environment: fields.environment ?? 'LAB',
    timeZone: scope.timeZone,
    ...pooledKeep(targets, pools),
    drainMs: fields.drain ?? 30_000,
    secrets: namedSecrets(watch, { env: context.env, folder: folder ?? '.' }, scope.secrets.values()),
    historyDays: fields.historyDays ?? 90,
    keep,
    watch,
    warnings: scope.calendars.warnings,
    ...(context.configPath === undefined ? {} : { configPath: context.configPath }),
  };
}

function resolveTargets(
  value: unknown,
  place: ConfigPlace,
  scope: ResolveScope,
): readonly TargetDefinition[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxTargets) {
    place.report({
      value,
      message: value === undefined ? 'is missing' : `${place.show(value)} is not allowed`,
      allowed: `a list of 1 to ${maxTargets} targets`,
      remedy: 'list at least one target; without one there is nothing to look after',
    });
    return undefined;
  }
  reportDuplicateIds(value, place);
  const targets = value.map((entry, index) => resolveTarget(entry, place.child(index), scope));
  checkDependencies(value, targets, { place, nowMs: scope.nowMs });
  return targets.filter((target) => target !== undefined);
}

function reportDuplicateIds(targets: readonly unknown[], place: ConfigPlace): void {
  const firstIndex = new Map<string, number>();
  for (const [index, target] of targets.entries()) {
    const id = isRawObject(target) ? target['id'] : undefined;
    if (typeof id !== 'string') continue;
    const first = firstIndex.get(id);
    if (first === undefined) {
      firstIndex.set(id, index);
      continue;
    }
    const at = place.child(index).child('id');
    at.report({
      value: id,
      message: `${at.show(id)} is also the id of ${place.child(first).path}`,
      allowed: 'an id that no other target has',
      remedy: 'rename one of the two; history and statistics belong to an id',
    });
  }
}
