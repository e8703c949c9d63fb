import fc from 'fast-check';
import { ALERT_LEVELS, type AlertLevel } from '../src/ports/alert-channel.ts';
import { type AlertRoute, type AlertSettings, DEFAULT_DIGEST } from '../src/watch/alerts/alert-settings.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Keys of a story: two of a job, two of a group, one under maintenance, a cause, and two it may explain. */
export const STORY_KEYS = ['a1', 'a2', 'g1', 'g2', 'w', 'cause', 'child', 'target'] as const;
/** One of the keys. */
export type StoryKey = (typeof STORY_KEYS)[number];

/** Channels of a story. `desk` never fails; nobody's outage may hold it up. */
export const STORY_CHANNELS = ['mail', 'pager', 'chat', 'desk'] as const;
/** One of the channels. */
export type StoryChannel = (typeof STORY_CHANNELS)[number];

/** What a channel answers; `lost`: it took the notice and its answer never came. */
export const STORY_ANSWERS = [
  'ok',
  'ok',
  'retry',
  'busy',
  'throws',
  'refuses-message',
  'refuses-recipient',
  'refuses-channel',
  'hangs',
  'lost',
] as const;
/** One of the answers. */
export type StoryAnswer = (typeof STORY_ANSWERS)[number];

/** Under which config an engine starts again: the same, or one that names other channels, hours, groups or steps. */
export const STORY_CONFIGS = [
  'usual',
  'rerouted',
  'fewer-channels',
  'hours',
  'regrouped',
  'reversed',
] as const;
/** One of the configs. */
export type StoryConfig = (typeof STORY_CONFIGS)[number];
/** Channels that a config with fewer of them does not have. */
export const CHANNELS_GONE: readonly string[] = ['mail', 'pager'];

/** One thing that happens. */
export type StoryStep =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'raise'; readonly key: StoryKey; readonly level: AlertLevel }
  | { readonly kind: 'crowd'; readonly level: AlertLevel; readonly count: number }
  | { readonly kind: 'resolve'; readonly key: StoryKey }
  | { readonly kind: 'unacknowledge'; readonly key: StoryKey }
  | { readonly kind: 'close'; readonly key: StoryKey }
  | {
      readonly kind: 'acknowledge';
      readonly key: StoryKey;
      readonly forMs: number;
      readonly sticky: boolean;
    }
  | { readonly kind: 'silence'; readonly key: StoryKey; readonly forMs: number; readonly inMs: number }
  | { readonly kind: 'end-silence' }
  | {
      readonly kind: 'channel';
      readonly channel: Exclude<StoryChannel, 'desk'>;
      readonly answer: StoryAnswer;
    }
  | {
      readonly kind: 'restart';
      readonly died: boolean;
      readonly offMs: number;
      readonly config: StoryConfig;
    }
  | { readonly kind: 'clock'; readonly byMs: number };

const key = fc.constantFrom(...STORY_KEYS);
const level = fc.constantFrom(...ALERT_LEVELS, 'CRITICAL' as const);
const span = fc.constantFrom(
  SECOND_MS,
  11 * SECOND_MS,
  40 * SECOND_MS,
  70 * SECOND_MS,
  6 * MINUTE_MS,
  11 * MINUTE_MS,
  35 * MINUTE_MS,
  3 * HOUR_MS,
);

const step: fc.Arbitrary<StoryStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: span }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('raise' as const), key, level }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('resolve' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('acknowledge' as const),
      key,
      forMs: span,
      sticky: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unacknowledge' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('silence' as const),
      key,
      forMs: span,
      inMs: fc.constantFrom(0, 0, MINUTE_MS),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'end-silence' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('channel' as const),
      channel: fc.constantFrom('mail', 'pager', 'chat'),
      answer: fc.constantFrom(...STORY_ANSWERS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      died: fc.boolean(),
      offMs: fc.constantFrom(0, SECOND_MS, HOUR_MS),
      config: fc.constantFrom('usual', ...STORY_CONFIGS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      byMs: fc.constantFrom(-HOUR_MS, -MINUTE_MS, MINUTE_MS, HOUR_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('crowd' as const),
      level,
      count: fc.constantFrom(5, 30, 60),
    }),
  },
);

/** Stories of up to forty steps. */
export const alertStories = fc.array(step, { minLength: 1, maxLength: 40 });

/** Labels by which routes, rules and silences know a key. */
export function labelsOfKey(name: string): Readonly<Record<string, string>> {
  const role = name === 'cause' ? { role: 'cause' } : name === 'target' ? { role: 'target' } : {};
  return name.startsWith('g') ? { name, group: 'g' } : { name, ...role };
}

/** The settings of a story; the stretch of maintenance lies in the second hour. */
export function storySettings(startMs: number, config: StoryConfig): Partial<AlertSettings> {
  const usual = usualSettings(startMs);
  switch (config) {
    case 'usual':
      return usual;
    case 'rerouted':
      return { ...usual, routes: routesWith((id) => (id === 'mail' ? 'chat' : id)) };
    case 'fewer-channels': {
      const routes = routesWith((id) => (CHANNELS_GONE.includes(id) ? undefined : id));
      const steps = [{ afterMs: 10 * MINUTE_MS, to: ['chat'] }];
      return { ...usual, routes, escalations: { up: { steps, repeat: 0 } } };
    }
    case 'hours': {
      const weekdays = [0, 1, 2, 3, 4, 5, 6];
      const activeHours = { timeZone: 'Europe/Berlin', weekdays, fromMinute: 540, toMinute: 1080 };
      return { ...usual, routes: ROUTES.map((route) => ({ ...route, activeHours })) };
    }
    case 'regrouped':
      return { ...usual, escalations: {}, inhibitions: [], windows: [], routes: ROUTES.map(regrouped) };
    case 'reversed':
      return { ...usual, routes: ROUTES.map((route) => ({ ...route, continue: true })).reverse() };
    default:
      return config satisfies never;
  }
}

const ROUTES: readonly AlertRoute[] = [
  { id: 'critical', minLevel: 'CRITICAL', channels: ['pager'], continue: true },
  {
    id: 'group',
    matchers: [{ label: 'group', value: 'g' }],
    channels: ['mail'],
    groupBy: ['group'],
    continue: true,
  },
  { id: 'all', channels: ['mail', 'desk'], escalation: 'up' },
];

/** What `desk` hears stays ungrouped: it shows how long critical notices wait. */
function regrouped({ escalation: _, ...route }: AlertRoute): AlertRoute {
  return route.channels.includes('desk') ? route : { ...route, groupBy: ['name'] };
}

function routesWith(channelOf: (id: string) => string | undefined): readonly AlertRoute[] {
  const changed = ROUTES.map((route) => ({
    ...route,
    channels: route.channels.flatMap((id) => channelOf(id) ?? []),
  }));
  return changed.filter(({ channels }) => channels.length > 0);
}

function usualSettings(startMs: number): Partial<AlertSettings> {
  const matchers = [{ label: 'name', value: 'w' }];
  return {
    routes: ROUTES,
    escalations: {
      up: {
        steps: [
          { afterMs: 10 * MINUTE_MS, to: ['chat'] },
          { afterMs: 20 * MINUTE_MS, to: ['pager'] },
        ],
        repeat: 1,
      },
    },
    inhibitions: [
      {
        id: 'cause',
        source: [{ label: 'role', value: 'cause' }],
        target: [{ label: 'role', value: 'target' }],
      },
    ],
    windows: [{ id: 'work', matchers, fromMs: startMs + HOUR_MS, toMs: startMs + 2 * HOUR_MS }],
    digest: DEFAULT_DIGEST,
  };
}
