import type { AlertDetail, BackupsView, ChannelView, HealthView, SilenceView } from '@qts-ops/core/client';

/** What was asked about alerts, checks and backups beyond the feed. */
export interface Asked {
  /** Alerts with their deliveries, by id. */
  readonly alerts: ReadonlyMap<string, AlertDetail>;
  readonly channels?: readonly ChannelView[];
  readonly silences?: readonly SilenceView[];
  /** Checks with their account of the day. */
  readonly health?: HealthView;
  readonly backups?: BackupsView;
  /** Why something could not be read; what is there may be old. */
  readonly problems: Readonly<Partial<Record<AskedPart, string>>>;
}

/** What is asked for separately. */
export type AskedPart = 'alerts' | 'channels' | 'silences' | 'health' | 'backups';

/** Nothing asked yet. */
export const NOTHING_ASKED: Asked = { alerts: new Map(), problems: {} };

/** So many alerts are held with their deliveries. */
const ALERTS_HELD = 300;

/** Remembers one alert with its deliveries. */
export function withAlert(asked: Asked, detail: AlertDetail): Asked {
  const others = [...asked.alerts].filter(([id]) => id !== detail.id).slice(1 - ALERTS_HELD);
  return { ...asked, alerts: new Map([...others, [detail.id, detail]]) };
}

/** Remembers what could not be read, or that it could. */
export function withProblem(asked: Asked, part: AskedPart, problem: string | undefined): Asked {
  const { [part]: _, ...others } = asked.problems;
  return { ...asked, problems: problem === undefined ? others : { ...others, [part]: problem } };
}
