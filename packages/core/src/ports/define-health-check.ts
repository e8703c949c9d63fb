import type { PluginContext } from './alert-channel.ts';
import type { CheckCapabilities, HealthCheckDefinition, HealthCheckInstance } from './health-check.ts';
import { PLUGIN_BRAND, type Plugin } from './plugin.ts';
import { entryId, type PluginKind, requireKind } from './plugin-entries.ts';
import { type OptionsArguments, type OptionsSchema, parseOptions } from './plugin-options.ts';

/**
 * Words with which a user says how any check is judged. They stand beside the options of the kind and are handed to
 * the engine, so no kind may have an option of one of these names.
 */
export const CHECK_POLICY_FIELDS = [
  'critical',
  'intervalMs',
  'timeoutMs',
  'retryIntervalMs',
  'failuresToAlert',
  'successesToResolve',
  'mOfN',
  'warn',
  'crit',
  'changePerMs',
  'forMs',
  'keepFiringForMs',
  'flapping',
  'dependsOn',
  'target',
  'labels',
] as const;

/** A bound of the measured value: a Nagios range (`'10:20'`), a number it must not pass, or both sides with a way back. */
export type CheckBound =
  | number
  | string
  | {
      readonly above?: number | undefined;
      readonly below?: number | undefined;
      /** The value at which it counts as well again; keeps a value at the bound from ringing. */
      readonly clear?: number | undefined;
    };

/** What a user may say about how a check is judged; everything has a default. Times in ms. */
export interface CheckPolicyInput {
  /** 1,000 (1 s) … 86,400,000 (1 day); default of the kind. */
  readonly intervalMs?: number | undefined;
  /** 50 ms … 10 min; default the smaller of the kind's and 80 % of the interval. */
  readonly timeoutMs?: number | undefined;
  /** Default a quarter of the interval, at least 5 s. */
  readonly retryIntervalMs?: number | undefined;
  /** 1 … 20; default 3, or 1 where `critical`. */
  readonly failuresToAlert?: number | undefined;
  /** 1 … 20; default 2. */
  readonly successesToResolve?: number | undefined;
  /** `[3, 5]`: three of the last five. Not together with `failuresToAlert` or `forMs`. */
  readonly mOfN?: readonly [number, number] | undefined;
  readonly forMs?: number | undefined;
  readonly keepFiringForMs?: number | undefined;
  /** Only a critical check raises a critical alert. */
  readonly critical?: boolean | undefined;
  readonly warn?: CheckBound | undefined;
  readonly crit?: CheckBound | undefined;
  /** `warn` and `crit` judge how much the value changes in so many ms, not the value: 3,600,000 an hour; 1 s … 30 days. */
  readonly changePerMs?: number | undefined;
  /** False, or limits in percent; default above 30, at or below 25. */
  readonly flapping?: false | { readonly high: number; readonly low: number } | undefined;
  /** Ids of checks whose failure explains a failure of this one. */
  readonly dependsOn?: readonly string[] | undefined;
  /** What it looks at; at most two checks of one target look at once. */
  readonly target?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** What the user may write beside the options of a check. */
export interface CheckEntry extends CheckPolicyInput {
  /** Name of this check; needed when there are several of one kind. */
  readonly id?: string | undefined;
}

/** How the author of a check describes it. */
export interface HealthCheckSpec<I, O> {
  /** `^[a-z][a-z0-9_-]{1,39}$`; the id of the check unless the user gives one. */
  readonly name: string;
  /** Version of the contract it was written for: 1. */
  readonly apiVersion: number;
  readonly options: OptionsSchema<I, O>;
  readonly capabilities: CheckCapabilities;
  readonly defaults: { readonly intervalMs: number; readonly timeoutMs: number };
  /** Keys of pings it will ask for with `context.lastPing`, so that these are taken also before its first look. */
  pingKeys?(options: O): readonly string[];
  /** Makes a check from checked options. No network here; it may be called twice. */
  create(options: O, context: PluginContext): HealthCheckInstance | Promise<HealthCheckInstance>;
}

/** A kind of check: call it with options and policy to get the plugin value for a config. */
export interface CheckKind<I = unknown, O = unknown> extends PluginKind {
  (...entry: OptionsArguments<I & CheckEntry>): Plugin;
  readonly definition: HealthCheckDefinition<O>;
}

/**
 * Makes a kind of check: `export const disk = defineHealthCheck({...})`; users write `disk({...})`.
 * @throws InputDataException INP-0502 for another contract version, INP-0503 for a wrong name. Calling the kind throws
 * INP-0501 with every wrong option at once.
 */
export function defineHealthCheck<I, O>(spec: HealthCheckSpec<I, O>): CheckKind<I, O> {
  requireKind('check', spec);
  const definition: HealthCheckDefinition<O> = {
    name: spec.name,
    apiVersion: spec.apiVersion,
    capabilities: spec.capabilities,
    defaults: spec.defaults,
    parse: (options) => parseOptions(spec.name, spec.options, options),
    pingKeys: (options) => spec.pingKeys?.(options) ?? [],
    create: async (options, context) => spec.create(options, context),
  };
  const call = (entry: CheckEntry = {}): Plugin => {
    const { id: given, ...rest } = entry;
    const id = entryId(spec.name, given);
    const { options, policy } = splitPolicy(rest);
    return {
      [PLUGIN_BRAND]: 'plugin',
      id,
      apiVersion: spec.apiVersion,
      checks: [{ id, definition, options: definition.parse(options), policy }],
    };
  };
  return Object.assign(call, { definition, [PLUGIN_BRAND]: 'kind' } as const);
}

type Fields = Readonly<Record<string, unknown>>;

/** A policy word that is there without a value counts as absent. */
function splitPolicy(fields: Fields): { readonly options: Fields; readonly policy: Fields } {
  const words: readonly string[] = CHECK_POLICY_FIELDS;
  const entries = Object.entries(fields);
  return {
    options: Object.fromEntries(entries.filter(([name]) => !words.includes(name))),
    policy: Object.fromEntries(
      entries.filter(([name, value]) => words.includes(name) && value !== undefined),
    ),
  };
}
