import type { JsonValue } from '../../kernel/json.ts';
import type { TargetFunction } from '../../ports/target.ts';
import type { BackupInput, KeepInput, RetentionRuleInput } from './keep-input.ts';
import type { AlertsInput, IsolationInput, PingsInput, PluginInput, SelfChecksInput } from './watch-input.ts';

/** A length of time: whole milliseconds, or a text such as `'250ms'`, `'1s'`, `'1h30m'`. */
export type DurationInput = string | number;

/** A secret by reference: the name of the environment variable that holds it, never the value. */
export interface SecretReference {
  readonly env: string;
}

/** Slots at a constant distance. */
export interface IntervalInput {
  /** 100 ms to 366 days; below 1 s only for functions. */
  readonly every: DurationInput;
  /** `rate` (default): fixed instants, the same on every machine. `delay`: counted from the end of the last run. */
  readonly mode?: 'rate' | 'delay' | undefined;
  /** Also run once when the engine starts; default false. */
  readonly runOnStart?: boolean | undefined;
  /** Shifts the slots by an amount derived from the target's id, so that many targets do not start together. */
  readonly spread?: boolean | undefined;
  /** Shifts the slots by exactly this much; shorter than the interval. */
  readonly phase?: DurationInput | undefined;
}

/** Slots at the wall times of a cron expression with five or six fields. */
export interface CronInput {
  readonly cron: string;
  /** IANA name; default: the config's `timeZone`. */
  readonly timeZone?: string | undefined;
  /** Required when both day fields are restricted. */
  readonly dayMatch?: 'and' | 'or' | undefined;
  /** Wall times that the clock jumps over: run once right after the jump (default) or skip. */
  readonly dstGap?: 'run' | 'skip' | undefined;
}

/** One slot for each session of a market. */
export interface AnchorInput {
  /** `'open'` or `'close'`, alone or with + or - and a duration up to 24h: `'close+5m'`. */
  readonly at: string;
  /** `'XKRX'`, `'XNYS'` or a name of an entry of `calendars`. */
  readonly calendar: string;
}

/** When a target runs; `'demand'`: only when an operator asks. */
export type ScheduleInput = IntervalInput | CronInput | AnchorInput | 'demand';

/** What becomes of slots that passed beyond their grace: left out (default), the newest run once, or caught up. */
export type MissedInput =
  | 'skip'
  | 'latest'
  | 'all'
  | {
      readonly all: {
        /** Most slots that are run, the newest ones, oldest first; 1 to 1,000, default 10. */
        readonly maxCatchUp?: number | undefined;
        /** Slots older than this are left out; longer than the grace, default one day. */
        readonly window?: DurationInput | undefined;
      };
    };

/** What becomes of a slot that is due during a run: left out (default), kept waiting, run instead or beside it. */
export type OverlapInput =
  | 'skip'
  | 'queue-one'
  | 'cancel-running'
  /** At most so many slots wait, 1 to 1,000. */
  | { readonly queue: number }
  /** At most so many runs at once, 2 to 100. */
  | { readonly allow: number };

/** Whether a failed run is tried again: attempts in all, or more exactly. */
export type RetryInput =
  | number
  | {
      /** Attempts in all, the first one included; 1 to 10. */
      readonly maxAttempts: number;
      /** Wait before the second attempt, default 5 s; each wait is a random part of it. */
      readonly backoff?: DurationInput | undefined;
      /** What the wait is multiplied by for each further attempt; 1 to 10, default 2. */
      readonly factor?: number | undefined;
      /** Default 5 min. */
      readonly maxBackoff?: DurationInput | undefined;
      /** Failures that are tried again; default EXT, SYS and BAT. */
      readonly categories?: ReadonlyArray<'INP' | 'EXT' | 'BAT' | 'DQ' | 'SYS'> | undefined;
    };

/** A file of sessions: a path relative to the config's folder, or a path and the zone of its dates and hours. */
export type CalendarFileInput = string | { readonly file: string; readonly timeZone?: string | undefined };

/** A program in its own process group. */
export interface CommandInput {
  /** The program and its arguments; no shell is involved. */
  readonly exec: readonly string[];
  /** Working folder, relative to the config's folder; default: that folder. */
  readonly cwd?: string | undefined;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string | SecretReference>> | undefined;
  /** What exit codes other than 0 mean; unnamed ones are failures. */
  readonly exitCodes?: Readonly<Record<string, 'success' | 'failure'>> | undefined;
}

/** One exported function of a module, run in a child process that can be killed. */
export interface IsolatedInput {
  readonly isolated: {
    /** Path relative to the config's folder, or a file URL. */
    readonly module: string;
    readonly export: string;
  };
}

/** A status that means success: `204`, `'200-299'` or `'2xx'`. */
export type StatusInput = number | string;

/** A request to a service. Redirects are not followed. */
export interface HttpRequestInput {
  /** Absolute; by reference when it holds a secret, such as the address of a webhook. */
  readonly url: string | SecretReference;
  /** Default `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | undefined;
  /** Secrets by reference; `prefix` stands before the value: `{ env: 'TOKEN', prefix: 'Bearer ' }`. */
  readonly headers?:
    | Readonly<Record<string, string | (SecretReference & { readonly prefix?: string | undefined })>>
    | undefined;
  /** A text, or a value that is sent as JSON. */
  readonly body?: JsonValue | SecretReference | undefined;
  /** Default `'200-299'`. */
  readonly expectStatus?: StatusInput | readonly StatusInput[] | undefined;
  /** How much of the answer's body is kept as output; default 1 MiB, at most 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Longest time without a byte from the service; default: only the target's time-out counts. */
  readonly silenceTimeout?: DurationInput | undefined;
  /** Unix socket that is asked instead of the URL's host, relative to the config's folder. */
  readonly socketPath?: string | undefined;
}

/** A request; `'POST https://desk.example/close'` is short for a method and a URL. */
export interface HttpInput {
  readonly http: string | HttpRequestInput;
}

/** What a target does; functions only in TypeScript and JavaScript configs. */
export type WorkInput = TargetFunction | CommandInput | IsolatedInput | HttpInput | KeepInput;

/** Everything about a target except its id. */
export interface TargetOptions {
  readonly title?: string | undefined;
  readonly on?: ScheduleInput | undefined;
  /** Targets that come first, instead of `on`: this one runs at their slots, when their runs have ended. */
  readonly after?: string | readonly string[] | undefined;
  /** `success` (default): all of them succeeded; `all-done`: all ended; `any-failed`: all ended, at least one badly. */
  readonly afterOn?: 'success' | 'all-done' | 'any-failed' | undefined;
  /**
   * Which of their runs belong together: `slot` (default) those of the same slot, so that they must share one schedule;
   * `date` those of the same calendar day in the config's `timeZone` or in a zone of your own.
   */
  readonly afterBy?: 'slot' | 'date' | { readonly date: string } | undefined;
  /** Slots count only on days with a session: `'XKRX'`, `'XNYS'` or a name of an entry of `calendars`. */
  readonly calendar?: string | undefined;
  /** Slots count only in this stretch around each session: `'open-30m..close+15m'`. */
  readonly window?: string | undefined;
  /** The specification's name for `on: { every: … }`, in milliseconds. */
  readonly intervalMs?: number | undefined;
  readonly run: WorkInput;
  /** Default: ten intervals, at least 30 s and at most 1 h; 1 h without an interval. */
  readonly timeout?: DurationInput | undefined;
  /** Default 10 s. */
  readonly stopGrace?: DurationInput | undefined;
  /** A slot up to this late still runs; default 60 s. */
  readonly grace?: DurationInput | undefined;
  readonly missed?: MissedInput | undefined;
  readonly overlap?: OverlapInput | undefined;
  readonly retry?: RetryInput | undefined;
  /** Name of an entry of `pools`, whose limit this target's runs share. */
  readonly pool?: string | undefined;
  /** 0 (last) to 9 (first) when a pool is full; default 5. */
  readonly priority?: number | undefined;
  /** Each start is put off by a random time up to this; shorter than the distance of two slots, at most 1 h. */
  readonly jitter?: DurationInput | undefined;
  /** Default 5 s. */
  readonly errorBackoff?: DurationInput | undefined;
  /** The specification's name for `errorBackoff`, in milliseconds. */
  readonly errorBackoffMs?: number | undefined;
  /** 1 (default) to 10. */
  readonly backoffFactor?: number | undefined;
  /** Default 1 h. */
  readonly maxBackoff?: DurationInput | undefined;
  /** 1 to 1000; default 3. */
  readonly maxConsecutiveErrors?: number | undefined;
  /** Default: ten intervals, at least 5 min. */
  readonly cooldown?: DurationInput | undefined;
  /** Default 1 h. */
  readonly maxCooldown?: DurationInput | undefined;
  /** `manual`: a suspended target waits for an operator; default `auto`. */
  readonly recovery?: 'auto' | 'manual' | undefined;
  /** True for a returned value that means failure; only in TypeScript and JavaScript configs. */
  readonly failWhen?: ((value: unknown) => boolean) | undefined;
}

/** One target as a config writes it. */
export interface TargetInput extends TargetOptions {
  /** 1 to 50 letters, digits, `_`, `-` or `.`. */
  readonly id: string;
}

/** A whole config, the same in TypeScript, YAML and JSON. */
export interface ConfigInput {
  /** Name of this engine on every screen: 1 to 40 characters. */
  readonly instance: string;
  /** Kind of place in capitals, such as `PROD`, `PAPER` or `LAB` (default). */
  readonly environment?: string | undefined;
  /** IANA zone; default `UTC`, never the host's. */
  readonly timeZone?: string | undefined;
  /** How long running executions may go on after the engine was asked to stop; default 30 s. */
  readonly drain?: DurationInput | undefined;
  /** Days after which history is reported as removable; default 90. */
  readonly historyDays?: number | undefined;
  /** How many runs may go on at once in each pool, by its name; what names no pool has no limit. */
  readonly pools?: Readonly<Record<string, number>> | undefined;
  /** Trading calendars of your own by name, beside XKRX and XNYS. */
  readonly calendars?: Readonly<Record<string, CalendarFileInput>> | undefined;
  /** What is backed up, where to, and which backups stay. */
  readonly backup?: BackupInput | undefined;
  /** How long files are kept; nothing is deleted that a verified backup does not hold. */
  readonly retention?: readonly RetentionRuleInput[] | undefined;
  /** What plugin functions returned: channels and checks. */
  readonly plugins?: readonly PluginInput[] | undefined;
  /** Health checks; the same as in `plugins`, in a list of their own. */
  readonly checks?: readonly PluginInput[] | undefined;
  readonly alerts?: AlertsInput | undefined;
  /** Our own connection counts as down while so many reference checks fail; checks over the network then say unknown. */
  readonly isolation?: IsolationInput | undefined;
  /** Where pings of work on other hosts are taken; left out: on the socket of this host alone. */
  readonly pings?: PingsInput | undefined;
  /** What is changed about the checks by which the engine looks at itself: `{ 'self-disk': { warn: 90 } }`; `false` leaves one out. */
  readonly selfChecks?: SelfChecksInput | undefined;
  readonly targets: readonly TargetInput[];
}
