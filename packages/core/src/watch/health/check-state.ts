import type { JsonValue } from '../../kernel/json.ts';
import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { CheckObservation, CheckStatus } from '../../ports/health-check.ts';

/** Characters of a finding's message that are kept. */
export const MESSAGE_MAX_CHARACTERS = 300;
/** Bytes of a finding's details, as JSON, that are kept. */
export const DETAILS_MAX_BYTES = 8192;
/** Measured numbers of one finding that are kept. */
export const OBSERVATIONS_MAX = 32;
/** Looks that are remembered one by one, for m-of-n and for flapping. */
export const RECENT_MAX = 20;

/** One look of a check: what it found and how long it took. */
export interface CheckLook {
  readonly status: CheckStatus;
  readonly message: string;
  readonly value?: number;
  readonly unit?: string;
  readonly details?: JsonValue;
  readonly observations?: readonly CheckObservation[];
  /** Wall time at which the look ended, ms UTC; how old the finding is counts from here. */
  readonly atMs: number;
  readonly durationMs: number;
  /** 1 for a regular look, more while a bad state is being confirmed. */
  readonly attempt: number;
  /** True when it says unknown because our own connection is down. */
  readonly isolated?: true;
}

/** A measured value and when it was measured, wall time, ms UTC. */
export interface MeasuredAt {
  readonly value: number;
  readonly atMs: number;
}

/** A stretch of time with one status; the unit of the availability accounts. */
export interface CheckSpan {
  readonly checkId: string;
  /** ms UTC, inclusive. */
  readonly fromMs: number;
  /** ms UTC, exclusive. */
  readonly toMs: number;
  readonly status: CheckStatus;
  /** True while a maintenance window was open: such time is left out of the accounts. */
  readonly maintenance: boolean;
}

/** What an alert about a check was last raised with. */
export interface RaisedAlert {
  readonly level: AlertLevel;
  readonly atMs: number;
}

/** Since when every look was at least this bad, ms UTC. */
export interface BadSince {
  readonly warnMs?: number;
  readonly unknownMs?: number;
  readonly failMs?: number;
}

/** Everything the engine remembers about one check. Whether it is stale is worked out when it is read. */
export interface CheckState {
  readonly checkId: string;
  readonly revision: number;
  /** The confirmed status: not a single look, but what enough looks agree on; unknown until `settled`. */
  readonly status: CheckStatus;
  /** False until looks have agreed on a first status. */
  readonly settled: boolean;
  /** Since when the confirmed status holds, ms UTC. */
  readonly sinceMs: number;
  /** Absent until the first look. */
  readonly last?: CheckLook;
  /** The last looks, newest last, one letter each: p pass, w warn, u unknown, f fail. */
  readonly recent: string;
  /** `1` for each look that differed from the one before it, newest last. */
  readonly changes: string;
  readonly flapping: boolean;
  readonly badSince: BadSince;
  /** Since when every look was better than the confirmed status. */
  readonly betterSinceMs?: number;
  /** Which thresholds are broken; a broken one stays so until `clear` is passed. */
  readonly broken: { readonly warn: boolean; readonly crit: boolean };
  /** Where the change of the value is counted from; not kept over a restart, then the last look stands for it. */
  readonly changeFrom?: MeasuredAt;
  /** Present while an alert about this check is open. */
  readonly raised?: RaisedAlert;
  readonly lastPassAtMs?: number;
  /** When a look last found anything: every status but unknown; ms UTC. */
  readonly lastKnownAtMs?: number;
  /** A finding that is older than this is stale: 2 × interval + timeout, ms. */
  readonly staleAfterMs: number;
  /** Until the next look the age of the finding counts from here, ms UTC: the engine had a gap. */
  readonly freshFromMs?: number;
  /** The stretch that is still growing. */
  readonly span?: CheckSpan;
}
