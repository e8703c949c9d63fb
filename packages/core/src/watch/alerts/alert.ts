import type { JsonObject } from '../../kernel/json.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../ports/alert-channel.ts';

/** Kinds of alerts; the specification's names first, those it lacks after them. */
export const ALERT_TYPES = [
  'BATCH_FAILED',
  'BATCH_STOPPED',
  'REPLAY_EXECUTED',
  'MANUAL_START',
  'DATA_CORRECTION',
  'SYSTEM_ERROR',
  'HEALTH_CHECK',
  'TARGET_SUSPENDED',
  'BACKUP_FAILED',
  'CHANNEL_FAILED',
  'TEST',
] as const;
/** One of the kinds. */
export type AlertType = (typeof ALERT_TYPES)[number];

/** `pending`: open, but held back for a moment; `acknowledged`: open, and somebody has taken it. */
export const ALERT_STATES = ['pending', 'firing', 'acknowledged', 'resolved'] as const;
/** One of the states. */
export type AlertState = (typeof ALERT_STATES)[number];

/** Identity of an alert is at most so long. */
export const DEDUP_KEY_MAX_CHARACTERS = 255;
/** Titles are cut here, as in the specification's table. */
export const ALERT_TITLE_MAX_CHARACTERS = 200;
/** Messages are cut here. */
export const ALERT_MESSAGE_MAX_CHARACTERS = 4000;

/** What a reaction, a service or a program says about one key. The texts never say who it is: the key does. */
export type AlertSignal = RaiseSignal | ResolveSignal | FlapSignal;

/** Something is wrong, or something happened. */
export interface RaiseSignal {
  readonly kind: 'raise';
  /** What makes two signals the same alert: `batch:prices:failed`; at most 255 characters. */
  readonly dedupKey: string;
  readonly alertType: AlertType;
  readonly level: AlertLevel;
  readonly title: string;
  /** One paragraph that says everything, for a reader who sees nothing else. */
  readonly message: string;
  readonly messageKo?: string | undefined;
  /** For routes, silences and groups: `job`, `check`, `group`, …; the type, level and key are always there. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly detail?: JsonObject | undefined;
  readonly executionId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly atMs: number;
  /** True for what happened and is over, such as a manual start: it is told once and nothing resolves it. */
  readonly event?: boolean | undefined;
  /** Keys whose open alerts explain this one: it is held for a moment, and stays untold while one of them is open. */
  readonly parents?: readonly string[] | undefined;
  /** Never told to this channel: it is the one that fails. */
  readonly avoidChannel?: string | undefined;
}

/** What was wrong is well again; says nothing when no alert of this key is open. */
export interface ResolveSignal {
  readonly kind: 'resolve';
  readonly dedupKey: string;
  readonly message?: string | undefined;
  readonly atMs: number;
}

/** A source saw its state change too often (or that it has settled): opening and resolving are held meanwhile. */
export interface FlapSignal {
  readonly kind: 'flap';
  readonly dedupKey: string;
  readonly flapping: boolean;
  readonly atMs: number;
}

/** Somebody has taken the alert. */
export interface Acknowledgement {
  readonly operatorId: string;
  readonly reason: string;
  readonly atMs: number;
  /** When it is told again if it is still open. */
  readonly expiresAtMs: number;
  /** Holds even when the level rises. */
  readonly sticky: boolean;
}

/** An operator declared the alert finished although nothing resolved it. */
export interface ManualClose {
  readonly operatorId: string;
  readonly reason: string;
  readonly atMs: number;
  /** Signals since then; the second one opens it again. */
  readonly raisesSince: number;
}

/** Why an open alert is not told to anyone. */
export interface Suppression {
  readonly by: 'parent' | 'inhibition' | 'silence' | 'maintenance';
  /** The key of the parent or source, the id of the silence or window. */
  readonly name: string;
  readonly sinceMs: number;
}

/** Opening and resolving are held while the source cannot make up its mind. */
export interface FlapHold {
  readonly sinceMs: number;
  /** The last change of mind; it has settled when none came for a while. */
  readonly changedAtMs: number;
  readonly wanted: 'firing' | 'resolved';
  /** True when the source says itself when it has settled. */
  readonly external: boolean;
}

/** One step of a policy: whom to tell when nobody has taken the alert for so long. */
export interface EscalationStep {
  /** Since the step before (the first: since the alert was told), ms. */
  readonly afterMs: number;
  readonly to: readonly string[];
  /** Only for alerts of at least this level. */
  readonly minLevel?: AlertLevel | undefined;
}

/** The policy as it was when the alert opened, and how far it has come. */
export interface EscalationState {
  readonly policyId: string;
  readonly steps: readonly EscalationStep[];
  /** How often the steps are run again after the last one, 0 … 9. */
  readonly repeat: number;
  readonly nextStep: number;
  readonly round: number;
  /** Absent when it has come to its end. */
  readonly nextAtMs?: number;
}

/** Instants at which an open alert does something by itself. They are stored, so that a restart keeps them. */
export interface AlertTimers {
  /** Held back until then, to see whether a parent or source explains it. */
  readonly holdUntilMs?: number;
  readonly remindAtMs?: number;
  /** After an acknowledgement was taken back. */
  readonly tellAgainAtMs?: number;
}

/** One episode: from the first signal of a key to its resolution. At most one of a key is open. */
export interface Alert {
  readonly id: string;
  /** Grows with every change; a write that is based on an older one is refused. */
  readonly revision: number;
  readonly dedupKey: string;
  readonly alertType: AlertType;
  /** As the last signal said. */
  readonly level: AlertLevel;
  /** The highest it was; what was told at it must be told again when it is over. */
  readonly peakLevel: AlertLevel;
  readonly title: string;
  readonly message: string;
  readonly messageKo?: string;
  /** Said by who resolved it. */
  readonly resolvedMessage?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly detail?: JsonObject;
  readonly executionId?: string;
  readonly errorCode?: string;
  readonly state: AlertState;
  /** True for what is over when it is told. */
  readonly event: boolean;
  readonly startedAtMs: number;
  readonly lastSeenAtMs: number;
  readonly resolvedAtMs?: number;
  readonly count: number;
  /** How often it came back within ten minutes of its resolution. */
  readonly refired: number;
  readonly acknowledgement?: Acknowledgement;
  readonly closed?: ManualClose;
  readonly suppression?: Suppression;
  readonly flap?: FlapHold;
  readonly escalation?: EscalationState;
  readonly timers: AlertTimers;
  /** The newest outbox row that was made for each channel: who is told of the resolution. */
  readonly notified: Readonly<Record<string, string>>;
  readonly parents: readonly string[];
  readonly avoidChannel?: string;
}

/** An alert as it is read back, with what became of its notices. */
export interface AlertRecord extends Alert {
  readonly channelsSent: readonly string[];
  /** When the first notice of it arrived somewhere. */
  readonly sentAtMs?: number;
}

/** What a silence is about: a label and the value it must have; `*` stands for any text. */
export interface AlertMatcher {
  readonly label: string;
  readonly value: string;
  /** True for «must not be». */
  readonly not?: boolean | undefined;
}

/** Nobody is told of alerts that all matchers fit, until it ends. Expired, never deleted. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly AlertMatcher[];
  readonly createdBy: string;
  readonly reason: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly createdAtMs: number;
  readonly expiredBy?: string;
}

/** True while something of the alert still has to end. */
export function isOpen(alert: Pick<Alert, 'state'>): boolean {
  return alert.state !== 'resolved';
}

/** 0 for INFO … 3 for CRITICAL. */
export function rankOf(level: AlertLevel): number {
  return ALERT_LEVELS.indexOf(level);
}

/** The graver of two levels. */
export function graver(a: AlertLevel, b: AlertLevel): AlertLevel {
  return rankOf(a) >= rankOf(b) ? a : b;
}

/** Every label an alert can be matched by; its own cannot hide the built-in ones. */
export function labelsOf(
  alert: Pick<Alert, 'labels' | 'alertType' | 'level' | 'dedupKey'>,
): Readonly<Record<string, string>> {
  const { alertType, level, dedupKey } = alert;
  return { ...alert.labels, alertType, level, dedupKey };
}
