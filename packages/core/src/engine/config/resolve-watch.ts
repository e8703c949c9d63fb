import { isOpsException } from '../../kernel/ops-exception.ts';
import type { ConfiguredChannel, ConfiguredCheck } from '../../ports/plugin.ts';
import { collectPlugins, isPlugin } from '../../ports/plugin-entries.ts';
import { LOG_CHANNEL } from '../../watch/alerts/alert-settings.ts';
import { checkPolicy } from '../../watch/health/check-policy.ts';
import { readDependencies } from '../../watch/health/dependency-rules.ts';
import type { IsolationPolicy } from '../../watch/health/isolation-rules.ts';
import type { ConfigPlace } from './config-place.ts';
import { isRawObject, type RawObject, readFields } from './read-fields.ts';
import { readAlerts } from './resolve-alerts.ts';
import { readPings } from './resolve-pings.ts';
import { readSelfChecks } from './resolve-self-checks.ts';
import type { DeadManConfig, JudgedCheck, WatchConfig } from './watch-config.ts';
import { deadManSchema, isolationSchema } from './watch-schema.ts';

const maxPlugins = 1_000;

/** What `plugins`, `checks` and `alerts` say; problems are reported. */
export function readWatch(input: RawObject, place: ConfigPlace, timeZone: string): WatchConfig {
  const { channels, checks } = readPlugins(input, place);
  const judged = checks.map((check) => judgeCheck(check, place)).filter((check) => check !== undefined);
  reportDependencies(judged, place.child('checks'));
  const alerts = readAlerts(input['alerts'], place.child('alerts'), { channels, timeZone });
  const isolation = readIsolation(input['isolation'], place.child('isolation'), judged);
  const raw = isRawObject(input['alerts']) ? input['alerts']['deadMan'] : undefined;
  const deadMan = readDeadMan(raw, place.child('alerts').child('deadMan'));
  const selfChecks = readSelfChecks(input['selfChecks'], place.child('selfChecks'));
  const pings = readPings(input['pings'], place.child('pings'));
  return {
    channels,
    checks: judged,
    alerts,
    ...(selfChecks === undefined ? {} : { selfChecks }),
    ...(pings === undefined ? {} : { pings }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(deadMan === undefined ? {} : { deadMan }),
  };
}

interface Entries {
  readonly channels: readonly ConfiguredChannel[];
  readonly checks: readonly ConfiguredCheck[];
}

function readPlugins(input: RawObject, place: ConfigPlace): Entries {
  const values = ['plugins', 'checks'].flatMap((key) => readPluginList(input[key], place.child(key)));
  try {
    const entries = collectPlugins(values);
    const taken = entries.channels.findIndex(({ id }) => id === LOG_CHANNEL);
    if (taken >= 0)
      reportText(place.child('plugins'), `'${LOG_CHANNEL}' is the id of the log; choose another one`);
    return entries;
  } catch (error) {
    if (!isOpsException(error)) throw error;
    reportText(place.child('plugins'), error.message);
    return { channels: [], checks: [] };
  }
}

function readPluginList(value: unknown, place: ConfigPlace): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxPlugins) {
    place.report({
      value,
      message: `${place.show(value)} is not a list`,
      allowed: `a list of at most ${maxPlugins} plugins`,
      remedy: "write what plugin functions return: [slack({ webhookUrl: { env: 'SLACK_WEBHOOK_URL' } })]",
    });
    return [];
  }
  return value.filter((entry: unknown, index) => {
    if (isPlugin(entry)) return true;
    const at = place.child(index);
    at.report({
      value: entry,
      message: `${at.show(entry)} is not a plugin`,
      allowed: 'what a plugin function returns; in YAML and JSON: { use: package, with: options }',
      remedy: typeof entry === 'function' ? 'call it with its options: slack({ … })' : 'correct the entry',
    });
    return false;
  });
}

function judgeCheck(check: ConfiguredCheck, place: ConfigPlace): JudgedCheck | undefined {
  try {
    return { ...check, judged: checkPolicy(check.id, check.policy, check.definition.defaults) };
  } catch (error) {
    if (!isOpsException(error)) throw error;
    reportText(place.child('checks'), error.message);
    return undefined;
  }
}

function reportDependencies(checks: readonly JudgedCheck[], place: ConfigPlace): void {
  try {
    readDependencies(checks.map(({ id, judged }) => ({ id, dependsOn: judged.dependsOn })));
  } catch (error) {
    if (!isOpsException(error)) throw error;
    reportText(place, error.message);
  }
}

function reportText(place: ConfigPlace, message: string): void {
  place.report({
    value: undefined,
    message,
    allowed: 'what the message says',
    remedy: 'correct it where the plugin is called',
  });
}

function readIsolation(
  value: unknown,
  place: ConfigPlace,
  checks: readonly JudgedCheck[],
): IsolationPolicy | undefined {
  if (value === undefined) return undefined;
  const raw = isRawObject(value) ? value : { references: value };
  const { references, down } = readFields(isolationSchema, raw, place);
  if (references === undefined) return undefined;
  const known = checks.filter(({ definition }) => definition.capabilities.network).map(({ id }) => id);
  for (const [index, id] of references.entries()) {
    if (known.includes(id)) continue;
    place
      .child('references')
      .child(index)
      .report({
        value: id,
        message: `'${id}' is not a check over the network`,
        allowed: known.map((name) => `'${name}'`).join(', ') || "ids of checks over the network in 'checks'",
        remedy: 'name such a check, for example one made with dns({ … }) or http({ … })',
      });
  }
  if (down === undefined || down <= references.length) return { references, down: down ?? references.length };
  place.child('down').report({
    value: down,
    message: `${down} is more than there are references`,
    allowed: `a whole number from 1 to ${references.length}`,
    remedy: 'leave it out for all of them',
  });
  return undefined;
}

function readDeadMan(value: unknown, place: ConfigPlace): DeadManConfig | undefined {
  if (value === undefined) return undefined;
  const raw = isRawObject(value) && value['url'] !== undefined ? value : { url: value };
  const { every, paths } = readFields(deadManSchema, raw, place);
  const url: unknown = raw['url'];
  if (isAddress(url)) return { url, everyMs: every ?? 60_000, ...(paths === true ? { hasPaths: true } : {}) };
  place.child('url').report({
    value: '[hidden]',
    message: 'is not an address',
    allowed: "an http: or https: address, { env: 'NAME' } or { file: '/path' }",
    remedy: "write for example { url: { env: 'DEADMAN_URL' } }",
  });
  return undefined;
}

function isAddress(value: unknown): value is DeadManConfig['url'] {
  if (typeof value === 'string') return /^https?:\/\//.test(value) && URL.canParse(value);
  if (!isRawObject(value)) return false;
  const keys = Object.keys(value);
  return (
    keys.length === 1 &&
    ['env', 'file'].includes(keys[0] ?? '') &&
    typeof Object.values(value)[0] === 'string'
  );
}
