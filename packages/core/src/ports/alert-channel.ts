import type { ErrorSeverity } from '../kernel/define-errors.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Logger } from './logger.ts';

/**
 * Where alerts go: the protocol of the specification, two verbs.
 * A channel keeps secrets out of its own errors; the caller keeps them out of the message.
 */
export interface AlertChannel {
  sendCritical(message: string): void | Promise<void>;
  sendWarning(message: string): void | Promise<void>;
}

/** Levels of alerts, INFO < WARN < ERROR < CRITICAL. */
export const ALERT_LEVELS = ['INFO', 'WARN', 'ERROR', 'CRITICAL'] as const;
/** Level of an alert; the severity of an error is the level of its alert. */
export type AlertLevel = ErrorSeverity;

/** Why a notice is sent. */
export const NOTICE_REASONS = [
  'first',
  'new-in-group',
  'severity-up',
  'reminder',
  'escalation',
  'resolved',
  'flapping',
  'digest',
  'channel-failed',
  'test',
] as const;
/** One of the reasons. */
export type NoticeReason = (typeof NOTICE_REASONS)[number];

/** One notice in no channel's language: what is said, before anyone renders it. Secrets are already out of it. */
export interface AlertNotice {
  /** UUIDv7; the same for every attempt, so that a receiver can drop a repeat. */
  readonly id: string;
  readonly reason: NoticeReason;
  readonly level: AlertLevel;
  readonly state: 'firing' | 'acknowledged' | 'resolved';
  /** What notices of one thread share. */
  readonly episodeId: string;
  readonly dedupKey: string;
  /** `BATCH_FAILED`, `SYSTEM_ERROR`, … */
  readonly alertType: string;
  /** At most 150 characters. */
  readonly title: string;
  readonly summary: string;
  /** In order; labels are words of the catalogue, values plain text. */
  readonly fields: readonly NoticeField[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly errorCode?: string | undefined;
  /** Steps for the operator, in the notice's language. */
  readonly remedy?: readonly string[] | undefined;
  readonly startedAtMs: number;
  readonly atMs: number;
  readonly resolvedAtMs?: number | undefined;
  /** How many times it was seen. */
  readonly count: number;
  /** True when an earlier attempt may have arrived; every text then says «(possible repeat)». */
  readonly maybeRepeat: boolean;
  readonly instance: string;
  readonly environment: string;
  readonly timeZone: string;
  readonly language: 'en' | 'ko';
}

/** One labelled line of a notice. */
export interface NoticeField {
  readonly label: string;
  readonly value: string;
}

/** What became of one attempt. A channel never retries by itself: the outbox does. */
export type SendResult =
  | { readonly status: 'sent'; readonly ref?: string; readonly rejectedRecipients?: readonly string[] }
  | {
      readonly status: 'retry';
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** True when every message to this channel must wait so long. */
      readonly pauseChannel?: boolean;
      /** True when it was sent and no answer came: it may be there, so the next attempt says «(possible repeat)». */
      readonly mayHaveArrived?: boolean;
      /** Recipients for whom this attempt settled it; the next one is given them and goes to the others alone. */
      readonly settled?: SettledRecipients;
    }
  | {
      readonly status: 'rejected';
      readonly scope: 'message' | 'recipient' | 'channel';
      readonly reason: string;
    };

/** Recipients of one notice for whom no further attempt is made. */
export interface SettledRecipients {
  /** They have it. */
  readonly accepted: readonly string[];
  /** Refused for good. */
  readonly refused: readonly string[];
}

/** What a channel is given with a notice. */
export interface SendCall {
  readonly signal: AbortSignal;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Wall time at which the engine stops waiting, ms UTC. */
  readonly deadlineMs: number;
  readonly nowMs: number;
  /** What earlier attempts settled, also those of an engine that has died since; absent when nothing is. */
  readonly settled?: SettledRecipients;
}

/** Texts of a notice that the engine renders for a channel, one for each format it asked for. */
export interface RenderedNotice {
  readonly title: string;
  readonly text: string;
  readonly html?: string;
  /** Slack Block Kit. */
  readonly blocks?: readonly Readonly<Record<string, unknown>>[];
}

/** A channel that was made from its options. */
export interface AlertChannelInstance {
  send(notice: AlertNotice, rendered: RenderedNotice, call: SendCall): Promise<SendResult>;
  /** Looks whether the channel could send, without sending. */
  verify?(
    signal: AbortSignal,
  ): Promise<{ readonly status: 'pass' | 'fail' | 'unknown'; readonly reason?: string }>;
  close?(): Promise<void>;
}

/** What a channel can carry; the engine keeps to it. */
export interface ChannelCapabilities {
  readonly formats: ReadonlyArray<'text' | 'html' | 'slack-blocks' | 'notice'>;
  readonly titleMax: number;
  readonly bodyMax: number;
  /** Notices of one episode are shown as one thread. */
  readonly threads: boolean;
  /** The receiver drops a second notice with the same id. */
  readonly idempotent: boolean;
  /** False for one that needs no network: it goes on while our own connection is down. Default true. */
  readonly network?: boolean | undefined;
  /** Token bucket of the channel. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
}

/** What the engine hands to a plugin when it makes a channel or check. No network may be used before `send`, `verify` or `check`. */
export interface PluginContext {
  readonly log: Logger;
  readonly now: () => number;
  /** Secrets that must never leave; for texts that come from the other side. */
  readonly redact: (text: string) => string;
  /** Aborts when the engine ends. */
  readonly signal: AbortSignal;
  /** Reads `{ env: NAME }` or `{ file: path }` as a secret; late, so that a new value is seen after a reload. */
  readonly secret: (reference: SecretInput) => Secret;
  /** What was last heard of work that pings this engine under a key; absent outside of an engine. */
  readonly lastPing?: ((key: string) => LastPing | undefined) | undefined;
  /** True for a key whose pings come over the network, as far as is known: by the config and by the way the last one came. */
  readonly pingsOverNetwork?: ((key: string) => boolean) | undefined;
}

/** The last thing some work elsewhere said about itself. */
export interface LastPing {
  /** When it last said that it had ended, ms UTC. */
  readonly atMs: number;
  readonly outcome: 'success' | 'fail';
  readonly exitCode?: number | undefined;
  /** When it last said that it began, if it has not ended since. */
  readonly startedAtMs?: number | undefined;
}

/** A secret, or where it stands. */
export type SecretInput = Secret | string | { readonly env: string } | { readonly file: string };

/** A kind of channel; made with `defineAlertChannel`. */
export interface AlertChannelDefinition<O = unknown> {
  /** `^[a-z][a-z0-9-]{1,39}$`. */
  readonly name: string;
  readonly apiVersion: number;
  readonly capabilities: ChannelCapabilities;
  /** Parses options. @throws InputDataException that names every wrong field. */
  readonly parse: (options: unknown) => O;
  /** Makes the channel; does no network and may be called twice. */
  create(options: O, context: PluginContext): Promise<AlertChannelInstance>;
}
