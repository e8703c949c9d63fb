import { opsException } from '../kernel/ops-exception.ts';
import type { ConfiguredChannel, ConfiguredCheck, Plugin } from './plugin.ts';
import { PLUGIN_API_VERSION, PLUGIN_BRAND } from './plugin.ts';
import './plugin-errors.ts';

const CHANNEL_NAME = /^[a-z][a-z0-9-]{1,39}$/;
const CHECK_NAME = /^[a-z][a-z0-9_-]{1,39}$/;
const ENTRY_ID = /^[a-z][a-z0-9_.-]{0,63}$/;

/** What a plugin function says about itself without being called: `slack` in a config instead of `slack({...})`. */
export interface PluginKind {
  readonly [PLUGIN_BRAND]: 'kind';
}

/** Everything that the plugins of a config bring. */
export interface PluginEntries {
  readonly channels: readonly ConfiguredChannel[];
  readonly checks: readonly ConfiguredCheck[];
}

/**
 * Whether a kind of channel or check may be called so and works with this engine.
 * @throws InputDataException INP-0502 for a contract this engine does not know, INP-0503 for a wrong name.
 */
export function requireKind(
  what: 'channel' | 'check',
  kind: { readonly name: string; readonly apiVersion: number },
): void {
  const pattern = what === 'channel' ? CHANNEL_NAME : CHECK_NAME;
  if (!pattern.test(kind.name)) {
    throw opsException('INP-0503', `${what} name ${JSON.stringify(kind.name)}: allowed is ${pattern.source}`);
  }
  const problem = versionProblem(kind.apiVersion);
  if (problem !== undefined) throw opsException('INP-0502', `${what} ${kind.name}: ${problem}`);
}

/** The id of an entry: what the user gave, else the name of its kind. @throws InputDataException INP-0501. */
export function entryId(name: string, given: unknown): string {
  if (given === undefined) return name;
  if (typeof given === 'string' && ENTRY_ID.test(given)) return given;
  const problems = [`id: allowed is a text of ${ENTRY_ID.source}`];
  throw opsException('INP-0501', `${name}: ${problems[0]}. Correct it in the configuration.`, {
    data: { plugin: name, problems },
  });
}

/**
 * Takes apart what stands in `plugins` of a config.
 * @throws InputDataException with every problem at once: INP-0502 when a plugin needs another engine, else INP-0503.
 */
export function collectPlugins(plugins: readonly unknown[]): PluginEntries {
  const problems = plugins.flatMap((value, index) =>
    pluginProblems(value).map((text) => `plugins[${index}]: ${text}`),
  );
  const known = plugins.filter(isPlugin);
  const entries = {
    channels: known.flatMap(({ channels = [] }) => channels),
    checks: known.flatMap(({ checks = [] }) => checks),
  };
  problems.push(...repeated('channel', entries.channels), ...repeated('check', entries.checks));
  if (problems.length === 0) return entries;
  const versions = plugins.some((value) => isPlugin(value) && versionProblem(value.apiVersion) !== undefined);
  throw opsException(versions ? 'INP-0502' : 'INP-0503', problems.join('; '), { data: { problems } });
}

/** True for the value of a plugin, whichever copy of this package made it. */
export function isPlugin(value: unknown): value is Plugin {
  return (
    typeof value === 'object' && value !== null && PLUGIN_BRAND in value && value[PLUGIN_BRAND] === 'plugin'
  );
}

function pluginProblems(value: unknown): readonly string[] {
  if (isPlugin(value)) {
    const problem = versionProblem(value.apiVersion);
    return problem === undefined ? [] : [`${value.id}: ${problem}`];
  }
  if (typeof value === 'function' && PLUGIN_BRAND in value) {
    return [
      `the function ${value.name || 'of a plugin'} is not called; write it with its options, as in slack({ … })`,
    ];
  }
  return [
    `this is no plugin but ${value === null ? 'null' : typeof value}; allowed is what a plugin function returns`,
  ];
}

function versionProblem(apiVersion: number): string | undefined {
  if (Number.isInteger(apiVersion) && apiVersion >= 1 && apiVersion <= PLUGIN_API_VERSION) return undefined;
  return `it needs plugin contract ${apiVersion}, this engine speaks ${PLUGIN_API_VERSION}; install versions that fit`;
}

function repeated(what: string, entries: readonly { readonly id: string }[]): readonly string[] {
  const ids = entries.map(({ id }) => id);
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map(
    (id) => `${what} ${id} is there twice; give one of them another id`,
  );
}
