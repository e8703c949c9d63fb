import type { ConfiguredChannel, ConfiguredCheck } from '../../ports/plugin.ts';
import type { AlertSettings } from '../../watch/alerts/alert-settings.ts';
import type { CheckPolicy } from '../../watch/health/check-policy.ts';
import type { IsolationPolicy } from '../../watch/health/isolation-rules.ts';
import type { SelfCheckChoices } from '../../watch/health/self-checks.ts';

/** What `plugins`, `checks`, `alerts` and `heartbeat` say after every check. */
export interface WatchConfig {
  readonly channels: readonly ConfiguredChannel[];
  readonly checks: readonly JudgedCheck[];
  readonly alerts: AlertSettings;
  /** When our own connection counts as down; checks over the network then say unknown. Absent: never. */
  readonly isolation?: IsolationPolicy;
  /** Absent: nobody outside is told that the engine lives. */
  readonly deadMan?: DeadManConfig;
  /** Absent: pings are taken on the socket of this host alone. */
  readonly pings?: PingDoorConfig;
  /** What is changed about the checks by which the engine looks at itself; absent: nothing. */
  readonly selfChecks?: SelfCheckChoices;
}

/** Where a secret stands. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

/** Where pings of other hosts are taken. */
export interface PingDoorConfig {
  readonly host: string;
  readonly port: number;
  /** By the key that a check waits for: the secret that stands in the address instead of it. */
  readonly keys: Readonly<Record<string, SecretPlace>>;
}

/** A check with how the engine judges it. */
export interface JudgedCheck extends ConfiguredCheck {
  readonly judged: CheckPolicy;
}

/** A service outside that raises an alarm of its own when it is no longer asked. */
export interface DeadManConfig {
  /** Address, or where it stands; it is a secret. */
  readonly url: string | SecretPlace;
  /** From one sign of life to the next, ms; 30 s to 1 h. */
  readonly everyMs: number;
  /** The service takes `/start` and `/fail` behind its address, and a text. */
  readonly hasPaths?: boolean;
}

/** An engine without plugins, checks and settings: the log is told of everything. */
export function noWatch(alerts: AlertSettings): WatchConfig {
  return { channels: [], checks: [], alerts };
}
