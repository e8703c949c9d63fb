import type { AlertLevel } from '../ports/alert-channel.ts';
import type { AlertQuery, UnacknowledgedCounts } from '../watch/alerts/alert-store.ts';
import type { ActRequest, ActResult, Page } from './ops-client.ts';
import type {
  AlertDetail,
  AlertView,
  ChannelTestView,
  ChannelView,
  HealthView,
  SilenceView,
} from './watch-views.ts';

/** Taking an alert: until when, and whether it holds when the level rises. */
export interface AcknowledgeRequest extends ActRequest {
  /** 1 min to 30 days, ms; default 4 h for critical ones, 24 h for others. */
  readonly forMs?: number | undefined;
  readonly sticky?: boolean | undefined;
}

/** Nobody is told of alerts that all matchers fit. */
export interface SilenceAsk extends ActRequest {
  /** `job=prices`, `level!=INFO`; `*` stands for any text. At least one. */
  readonly matchers: readonly string[];
  /** Up to 30 days, ms. */
  readonly forMs: number;
}

/** One sign of life of work elsewhere. */
export interface PingRequest {
  readonly kind: 'start' | 'success' | 'fail' | 'log';
  /** 0 to 255; absent: 0 for a success, 1 for a failure. */
  readonly exitCode?: number | undefined;
  /** At most 100 kB; kept redacted. */
  readonly body?: string | undefined;
  /** Joins a start with its end. */
  readonly runId?: string | undefined;
}

/** What an operator can ask about alerts, channels and checks. */
export interface WatchClient {
  alerts(query: AlertQuery): Promise<Page<AlertView>>;
  alert(id: string): Promise<AlertDetail>;
  unacknowledged(): Promise<UnacknowledgedCounts>;
  acknowledge(alertId: string, request: AcknowledgeRequest): Promise<ActResult>;
  unacknowledge(alertId: string, request: ActRequest): Promise<ActResult>;
  closeAlert(alertId: string, request: ActRequest): Promise<ActResult>;
  silences(): Promise<readonly SilenceView[]>;
  silence(request: SilenceAsk): Promise<ActResult>;
  expireSilence(silenceId: string, request: ActRequest): Promise<ActResult>;
  channels(): Promise<readonly ChannelView[]>;
  /** Sends a test notice the way every notice goes, and waits for what becomes of it. */
  testChannel(channelId: string, level: AlertLevel): Promise<ChannelTestView>;
  health(): Promise<HealthView>;
  /** Looks now; all checks when no id is given. */
  runChecks(ids: readonly string[]): Promise<HealthView>;
  ping(key: string, request: PingRequest): Promise<void>;
}
