import type { ConfiguredChannel } from '../../ports/plugin.ts';
import type { AlertMatcher, EscalationStep } from '../../watch/alerts/alert.ts';
import {
  type AlertRoute,
  type AlertSettings,
  DEFAULT_DIGEST,
  DEFAULT_INHIBITIONS,
  defaultRoutes,
  type EscalationPolicy,
  type InhibitionRule,
  LOG_CHANNEL,
  type MaintenanceWindow,
} from '../../watch/alerts/alert-settings.ts';
import type { WeeklyHours } from '../../watch/alerts/weekly-hours.ts';
import type { ConfigPlace } from './config-place.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject, type RawObject, readFields } from './read-fields.ts';
import { readHours } from './read-hours.ts';
import {
  alertsSchema,
  escalationSchema,
  inhibitionSchema,
  routeSchema,
  stepSchema,
  windowSchema,
} from './watch-schema.ts';

const maxEntries = 1_000;

/** What the settings of alerts are checked against. */
export interface AlertsScope {
  readonly channels: readonly ConfiguredChannel[];
  readonly timeZone: string;
}

/** What `alerts` says; problems are reported and the default stands instead. */
export function readAlerts(value: unknown, place: ConfigPlace, scope: AlertsScope): AlertSettings {
  const routed = scope.channels.map(({ id, definition }) => ({ id, kind: definition.name }));
  const raw = isRawObject(value) ? value : {};
  if (value !== undefined && !isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} says nothing about alerts`,
      allowed: 'an object with routes, escalations, inhibit, maintenance, language, keepHistory and deadMan',
      remedy: 'leave it out: mail gets everything, Slack from ERROR on, webhooks what is critical',
    });
  }
  const { language, keepHistory } = readFields(alertsSchema, raw, place);
  const escalations = readEscalations(raw['escalations'], place.child('escalations'), scope);
  const routes = readList(raw['routes'], place.child('routes'), (entry, at, index) =>
    readRoute(entry, at, { ...scope, index, escalations: Object.keys(escalations) }),
  );
  reportNoCatchAll(routes, raw['routes'], place.child('routes'));
  return {
    routes: routes.length > 0 ? routes : defaultRoutes(routed),
    escalations,
    inhibitions:
      raw['inhibit'] === undefined
        ? DEFAULT_INHIBITIONS
        : readList(raw['inhibit'], place.child('inhibit'), readInhibition),
    windows: readList(raw['maintenance'], place.child('maintenance'), (entry, at, index) =>
      readWindow(entry, at, { ...scope, index }),
    ),
    digest: DEFAULT_DIGEST,
    language: language ?? 'en',
    ...(keepHistory === undefined ? {} : { keepHistoryMs: keepHistory }),
  };
}

interface RouteScope extends AlertsScope {
  readonly index: number;
  readonly escalations: readonly string[];
}

function readRoute(value: RawObject, place: ConfigPlace, scope: RouteScope): AlertRoute | undefined {
  const fields = readFields(routeSchema, value, place);
  if (fields.to === undefined) return undefined;
  reportChannels(fields.to, place.child('to'), scope);
  const { escalation } = fields;
  if (escalation !== undefined && !scope.escalations.includes(escalation)) {
    place.child('escalation').report({
      value: escalation,
      message: `'${escalation}' is not an escalation`,
      allowed:
        scope.escalations.map((known) => `'${known}'`).join(', ') || "an entry of 'alerts.escalations'",
      remedy: 'declare it, or correct the name',
    });
  }
  return {
    id: fields.id ?? `route-${scope.index + 1}`,
    minLevel: fields.level,
    alertTypes: fields.types,
    matchers: fields.match === undefined ? undefined : matchersOf(fields.match),
    channels: fields.to,
    continue: fields.continue,
    activeHours: fields.hours === undefined ? undefined : hoursAt(fields.hours, place, scope.timeZone),
    criticalWaits: fields.criticalWaits,
    groupBy: fields.groupBy,
    groupWaitMs: fields.groupWait,
    groupIntervalMs: fields.groupInterval,
    remindEveryMs: fields.remindEvery,
    escalation,
  };
}

function reportNoCatchAll(routes: readonly AlertRoute[], value: unknown, place: ConfigPlace): void {
  if (!Array.isArray(value) || value.length === 0 || routes.length < value.length) return;
  const isOpen = ({ minLevel, alertTypes, matchers }: AlertRoute) =>
    (minLevel === undefined || minLevel === 'INFO') && alertTypes === undefined && matchers === undefined;
  const last = routes.at(-1);
  if (last !== undefined && isOpen(last)) return;
  place.child(routes.length - 1).report({
    value: value.at(-1),
    message: 'the last route does not fit every alert, so some would reach nobody',
    allowed: "a last route with only 'to'",
    remedy: `add { to: ['${last?.channels[0] ?? LOG_CHANNEL}'] } at the end`,
  });
}

function readEscalations(
  value: unknown,
  place: ConfigPlace,
  scope: AlertsScope,
): Readonly<Record<string, EscalationPolicy>> {
  if (value === undefined) return {};
  if (!isRawObject(value)) {
    place.report({
      value,
      message: `${place.show(value)} is not a set of escalations`,
      allowed: "names with steps: { desk: { steps: [{ after: '10m', to: ['mail'] }] } }",
      remedy: 'write one entry for each escalation',
    });
    return {};
  }
  const policies: Record<string, EscalationPolicy> = {};
  for (const [name, entry] of Object.entries(value)) {
    const at = place.child(name);
    const raw = isRawObject(entry) ? entry : { steps: entry };
    const { repeat } = readFields(escalationSchema, raw, at);
    const steps = readList(raw['steps'], at.child('steps'), (step, stepAt) => readStep(step, stepAt, scope));
    policies[name] = { steps, repeat };
  }
  return policies;
}

function readStep(value: RawObject, place: ConfigPlace, scope: AlertsScope): EscalationStep | undefined {
  const { after, to, level } = readFields(stepSchema, value, place);
  if (after === undefined || to === undefined) return undefined;
  reportChannels(to, place.child('to'), scope);
  return { afterMs: after, to, minLevel: level };
}

function readInhibition(value: RawObject, place: ConfigPlace, index: number): InhibitionRule | undefined {
  const { id, source, target, equal } = readFields(inhibitionSchema, value, place);
  if (source === undefined || target === undefined) return undefined;
  return { id: id ?? `inhibit-${index + 1}`, source: matchersOf(source), target: matchersOf(target), equal };
}

function readWindow(
  value: RawObject,
  place: ConfigPlace,
  scope: AlertsScope & { readonly index: number },
): MaintenanceWindow | undefined {
  const fields = readFields(windowSchema, value, place);
  const { match, hours, from, to } = fields;
  const isStretch = from !== undefined && to !== undefined && from < to;
  if ((hours === undefined) === !isStretch) {
    place.report({
      value,
      message:
        hours === undefined ? 'has no beginning and end' : "'hours' and 'from' with 'to' exclude each other",
      allowed: "weekly 'hours', or 'from' before 'to'",
      remedy: 'write exactly one of them',
    });
    return undefined;
  }
  return {
    id: fields.id ?? `maintenance-${scope.index + 1}`,
    matchers: match === undefined ? [] : matchersOf(match),
    hours: hours === undefined ? undefined : hoursAt(hours, place, fields.timeZone ?? scope.timeZone),
    fromMs: from,
    toMs: to,
  };
}

function hoursAt(text: string, place: ConfigPlace, timeZone: string): WeeklyHours | undefined {
  const hours = readHours(text, timeZone);
  if (hours !== undefined) return hours;
  place.child('hours').report({
    value: text,
    message: `'${text}' names no hours`,
    allowed: "weekdays SUN to SAT and hours such as 'MON-FRI 09:00-18:00' or '* 22:00-06:00'",
    remedy: 'correct the days or the hours',
  });
  return undefined;
}

function reportChannels(ids: readonly string[], place: ConfigPlace, { channels }: AlertsScope): void {
  const known = [...channels.map(({ id }) => id), LOG_CHANNEL];
  for (const [index, id] of ids.entries()) {
    if (known.includes(id)) continue;
    const near = nearestWord(id, known);
    place.child(index).report({
      value: id,
      message: `'${id}' is not a channel`,
      allowed: known.map((name) => `'${name}'`).join(', '),
      remedy: near === undefined ? "add the channel to 'plugins'" : `did you mean '${near}'?`,
    });
  }
}

function matchersOf(labels: Readonly<Record<string, string>>): readonly AlertMatcher[] {
  return Object.entries(labels).map(([label, text]) =>
    text.startsWith('!') ? { label, value: text.slice(1), not: true } : { label, value: text },
  );
}

function readList<T>(
  value: unknown,
  place: ConfigPlace,
  read: (entry: RawObject, place: ConfigPlace, index: number) => T | undefined,
): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxEntries) {
    place.report({
      value,
      message: `${place.show(value)} is not a list`,
      allowed: `a list of at most ${maxEntries} entries`,
      remedy: 'write a list, also for one entry',
    });
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    const at = place.child(index);
    if (isRawObject(entry)) {
      const one = read(entry, at, index);
      return one === undefined ? [] : [one];
    }
    at.report({
      value: entry,
      message: `${at.show(entry)} is not an entry`,
      allowed: 'an object',
      remedy: 'write its keys',
    });
    return [];
  });
}
