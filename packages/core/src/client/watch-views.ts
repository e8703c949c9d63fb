import type { AlertLevel } from '../ports/alert-channel.ts';
import type { CheckStatus } from '../ports/health-check.ts';
import type { AlertState, AlertType } from '../watch/alerts/alert.ts';
import { summarizeHealth } from '../watch/health/readiness-rules.ts';

/** One alert as every door shows it. */
export interface AlertView {
  readonly id: string;
  readonly dedupKey: string;
  readonly alertType: AlertType;
  readonly level: AlertLevel;
  readonly state: AlertState;
  readonly title: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly executionId?: string;
  readonly errorCode?: string;
  /** True for what is over when it is told, such as a manual start. */
  readonly event: boolean;
  readonly startedAtMs: number;
  readonly lastSeenAtMs: number;
  readonly resolvedAtMs?: number;
  /** How often it was seen. */
  readonly count: number;
  readonly acknowledgedBy?: string;
  readonly acknowledgedAtMs?: number;
  readonly acknowledgedReason?: string;
  readonly acknowledgedUntilMs?: number;
  /** Why nobody is told: `silence desk`, `parent check:broker`. */
  readonly suppressedBy?: string;
  /** The silence that keeps it untold; shown from the moment the silence begins. */
  readonly silencedBy?: string;
  readonly flapping: boolean;
  /** When the next step of the escalation is taken. */
  readonly escalatesAtMs?: number;
  /** When a notice of it was last made, sent, refused or given up; grows with each. In the feed alone, when it is known. */
  readonly noticesMovedAtMs?: number;
}

/** One attempt to send a notice. */
export interface AttemptView {
  /** 1 for the first. */
  readonly number: number;
  readonly atMs: number;
  /** `sent`, `retry`, `rejected`, `lost`; absent while it is under way. */
  readonly result?: string;
  readonly durationMs?: number;
  /** What the other side answered, redacted and cut. */
  readonly text?: string;
  /** Recipients that were refused for good. */
  readonly rejectedRecipients?: readonly string[];
}

/** What became of one notice. */
export interface DeliveryView {
  readonly rowId: string;
  readonly channelId: string;
  readonly reason: string;
  readonly status: string;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly nextAttemptAtMs?: number;
  readonly sentAtMs?: number;
  /** What the other side answered last, redacted and cut. */
  readonly problem?: string;
  /** Every attempt of the newest notices, in order; absent for older ones. */
  readonly history?: readonly AttemptView[];
}

/** An alert with everything known about it. */
export interface AlertDetail extends AlertView {
  readonly userMessage?: string;
  readonly remedy?: readonly string[];
  readonly deliveries: readonly DeliveryView[];
}

/** A silence as every door shows it. */
export interface SilenceView {
  readonly id: string;
  readonly matchers: readonly string[];
  readonly createdBy: string;
  readonly reason: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Who ended it before its time. */
  readonly endedBy?: string;
  readonly active: boolean;
}

/** How a channel is doing. */
export interface ChannelView {
  readonly id: string;
  readonly kind: string;
  readonly state: 'ok' | 'failing' | 'paused';
  readonly pending: number;
  readonly lastSentAtMs?: number;
  readonly problem?: string;
  readonly pausedUntilMs?: number;
}

/** What a test notice came to. */
export interface ChannelTestView {
  readonly channelId: string;
  readonly delivered: boolean;
  /** One line for a person. */
  readonly text: string;
  readonly attempts: number;
  readonly durationMs: number;
}

/** One health check as every door shows it. Its status was worked out when it was asked for. */
export interface HealthCheckView {
  readonly id: string;
  readonly kind: string;
  readonly critical: boolean;
  readonly status: CheckStatus;
  /** Why an unknown or stale check is so. */
  readonly why?: string;
  readonly message?: string;
  readonly value?: number;
  readonly unit?: string;
  readonly lookedAtMs?: number;
  readonly durationMs?: number;
  readonly sinceMs?: number;
  /** When a look last found anything, ms UTC; absent when none did yet. */
  readonly lastKnownAtMs?: number;
  readonly intervalMs: number;
  readonly flapping: boolean;
  /** Level of the open alert about it. */
  readonly alertLevel?: AlertLevel;
  /** What holds an alert about it back: `grace`, `isolated`, `parent`, `waits`. */
  readonly held?: string;
  /** From this instant on nothing is known any more, whatever `status` says; see `checkStatusAt`. */
  readonly staleAtMs?: number;
  readonly dependsOn: readonly string[];
  /** Share of the last day in percent, by status; maintenance is left out. */
  readonly day?: Readonly<Partial<Record<CheckStatus, number>>>;
}

/** All checks at one instant, and whether the system can be relied on. */
export interface HealthView {
  readonly atMs: number;
  /** The worst of all: `fail` only for a critical check that fails. */
  readonly status: CheckStatus;
  readonly isolated: boolean;
  readonly checks: readonly HealthCheckView[];
}

/** The status of a check at `nowMs`: an engine that has died or stands still can never show green. */
export function checkStatusAt(
  { status, staleAtMs }: Pick<HealthCheckView, 'status' | 'staleAtMs'>,
  nowMs: number,
): CheckStatus {
  return staleAtMs !== undefined && nowMs > staleAtMs ? 'unknown' : status;
}

/** What is known of the time in which nothing was. */
export interface NoData {
  /** Since when nothing is known, ms UTC; absent before the first look. */
  readonly sinceMs?: number;
  /** True where something was known before. */
  readonly isLost: boolean;
}

/** Since when a check that is unknown at `nowMs` has had no data; absent while it has some, if only a single look. */
export function noDataOf(check: HealthCheckView, nowMs: number): NoData | undefined {
  const { status, why, lookedAtMs, lastKnownAtMs, sinceMs } = check;
  if (checkStatusAt(check, nowMs) !== 'unknown') return undefined;
  if (why === 'unconfirmed' && lastKnownAtMs !== undefined && lastKnownAtMs === lookedAtMs) return undefined;
  if (lastKnownAtMs !== undefined) return { sinceMs: lastKnownAtMs, isLost: true };
  // An engine of before says no more than its last look.
  if (status !== 'unknown' && lookedAtMs !== undefined) return { sinceMs: lookedAtMs, isLost: true };
  return lookedAtMs === undefined || sinceMs === undefined ? { isLost: false } : { sinceMs, isLost: false };
}

/** What all checks together say at `nowMs`. */
export function healthStatusAt(checks: readonly HealthCheckView[], nowMs: number): CheckStatus {
  return summarizeHealth(checks.map((check) => ({ ...check, status: checkStatusAt(check, nowMs) }))).status;
}
