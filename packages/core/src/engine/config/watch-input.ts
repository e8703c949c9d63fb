import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { CheckPolicyInput } from '../../ports/define-health-check.ts';
import type { Plugin } from '../../ports/plugin.ts';
import type { AlertType } from '../../watch/alerts/alert.ts';
import type { SelfCheckId } from '../../watch/health/self-checks.ts';
import type { DurationInput, SecretReference } from './config-input.ts';

/** A plugin as a YAML or JSON config names it: the package, the function it exports, its options. */
export interface NamedPluginInput {
  /** Package or path relative to the config's folder. Only what is named here is ever loaded. */
  readonly use: string;
  /** Exported function; default: the last word of the package's name, such as `slack` of `@qts-ops/alert-slack`. */
  readonly export?: string | undefined;
  readonly with?: Readonly<Record<string, unknown>> | undefined;
}

/** What a plugin function returned, or its name in YAML and JSON. */
export type PluginInput = Plugin | NamedPluginInput;

/** Labels and the values they must have; `*` stands for any text, a leading `!` for «must not be». */
export type LabelsInput = Readonly<Record<string, string>>;

/** Hours of weekdays such as `'MON-FRI 09:00-18:00'`, `'SAT,SUN 22:00-06:00'` or `'* 02:00-03:00'`. */
export type HoursInput = string;

/** Whom to tell. The first route that fits ends the search, unless it continues. */
export interface AlertRouteInput {
  readonly id?: string | undefined;
  /** Least level. */
  readonly level?: AlertLevel | undefined;
  readonly types?: readonly AlertType[] | undefined;
  readonly match?: LabelsInput | undefined;
  /** Ids of channels. */
  readonly to: readonly string[];
  readonly continue?: boolean | undefined;
  /** Outside of them notices wait; critical ones do not, unless `criticalWaits`. */
  readonly hours?: HoursInput | undefined;
  readonly criticalWaits?: boolean | undefined;
  readonly groupBy?: readonly string[] | undefined;
  readonly groupWait?: DurationInput | undefined;
  readonly groupInterval?: DurationInput | undefined;
  /** Default 4 h, critical 30 min. */
  readonly remindEvery?: DurationInput | undefined;
  /** An entry of `escalations`. */
  readonly escalation?: string | undefined;
}

/** Steps that are taken while nobody acknowledges. */
export interface EscalationInput {
  readonly steps: ReadonlyArray<{
    readonly after: DurationInput;
    readonly to: readonly string[];
    readonly level?: AlertLevel | undefined;
  }>;
  /** 0 to 9; default 0. */
  readonly repeat?: number | undefined;
}

/** While an alert that fits `source` is open, opening alerts that fit `target` are not told. */
export interface InhibitionInput {
  readonly id?: string | undefined;
  readonly source: LabelsInput;
  readonly target: LabelsInput;
  readonly equal?: readonly string[] | undefined;
}

/** A planned time in which nobody is told: weekly hours, or one stretch from `from` to `to`. */
export interface MaintenanceWindowInput {
  readonly id?: string | undefined;
  readonly match?: LabelsInput | undefined;
  readonly hours?: HoursInput | undefined;
  /** IANA name; default: the config's zone. */
  readonly timeZone?: string | undefined;
  /** ISO 8601 with an offset. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Checks of things outside that do not fail together unless our own connection is down. */
export interface IsolationInput {
  /** Ids of checks over the network. */
  readonly references: readonly string[];
  /** So many of them must fail; default: all. */
  readonly down?: number | undefined;
}

/** A door for pings alone: nothing else of the engine is answered there. */
export interface PingsInput {
  /** Address and port such as `10.0.0.5:8787`. The words go over the wire as they are: keep to a network you trust. */
  readonly listen: string;
  /** Per key that a `heartbeat_in` check waits for, the secret that stands in the address instead of it. */
  readonly keys: Readonly<Record<string, SecretReference | { readonly file: string }>>;
}

/** The engine's own checks by their id, each with how it is judged instead, or false. */
export type SelfChecksInput = Partial<Readonly<Record<SelfCheckId, CheckPolicyInput | false>>>;

/** Everything about alerts; left out: mail gets everything, Slack from ERROR on, webhooks what is critical. */
export interface AlertsInput {
  /** Language of notices; default `en`. */
  readonly language?: 'en' | 'ko' | undefined;
  /** How long alerts that are over are kept, with their notices and attempts; default `'180d'`. */
  readonly keepHistory?: DurationInput | undefined;
  /** The last one must fit every alert. */
  readonly routes?: readonly AlertRouteInput[] | undefined;
  readonly escalations?: Readonly<Record<string, EscalationInput>> | undefined;
  /** Default: the failed runs of a target are not told again while it is suspended. An own list stands instead. */
  readonly inhibit?: readonly InhibitionInput[] | undefined;
  readonly maintenance?: readonly MaintenanceWindowInput[] | undefined;
  /** A service outside that raises an alarm when it is no longer asked. */
  readonly deadMan?:
    | {
        readonly url: string | SecretReference | { readonly file: string };
        readonly every?: DurationInput | undefined;
        /** True for a service that takes `/start` and `/fail` behind its address; default false. */
        readonly paths?: boolean | undefined;
      }
    | undefined;
}
