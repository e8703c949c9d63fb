import type { JsonValue } from '../kernel/json.ts';
import type { PluginContext } from './alert-channel.ts';

/** The four states of a check. `fail`: what is looked at is not well. `unknown`: we could not look. */
export const CHECK_STATUSES = ['pass', 'warn', 'fail', 'unknown'] as const;
/** One of the four states. */
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** What one look found. */
export interface CheckFinding {
  readonly status: CheckStatus;
  /** One line, at most 300 characters are kept. */
  readonly message: string;
  readonly value?: number | undefined;
  /** `ms`, `s`, `%`, `B`, … */
  readonly unit?: string | undefined;
  /** At most 8 kB as JSON are kept. */
  readonly details?: JsonValue | undefined;
  /** More measured numbers, such as the perfdata of a Nagios plugin. */
  readonly observations?: readonly CheckObservation[] | undefined;
}

/** One measured number. */
export interface CheckObservation {
  readonly id: string;
  readonly value: number;
  readonly unit?: string | undefined;
}

/** Time in which the engine could not look: the machine slept, the loop stood still or the wall clock was set. */
export interface CheckGap {
  readonly reason: 'suspended' | 'stalled' | 'clock-set';
  readonly fromMs: number;
  readonly toMs: number;
}

/** Time in which our own connection was down, as the reference checks of the isolation guard have it. */
export interface CheckOutage {
  /** When it was last found up, ms UTC. */
  readonly upUntilMs: number;
  /** When it was found down, ms UTC. */
  readonly fromMs: number;
  /** When it was found up again, ms UTC; absent while it is down. */
  readonly toMs?: number | undefined;
}

/** What a check is given each time it looks. */
export interface CheckCall {
  /** Aborts at the deadline; the engine stops waiting then whether or not the check listens. */
  readonly signal: AbortSignal;
  /** 1 for the first look, more while a bad state is being confirmed. */
  readonly attempt: number;
  /** Wall time of the look, ms UTC. */
  readonly nowMs: number;
  readonly previous?: CheckFinding | undefined;
  /** The last gap since the engine began to look: what did not come meanwhile may have had no chance to. */
  readonly gap?: CheckGap | undefined;
  /** The last outage of our own connection since the engine began to look; absent where no guard is configured. */
  readonly outage?: CheckOutage | undefined;
}

/** A check that was made from its options. */
export interface HealthCheckInstance {
  check(call: CheckCall): Promise<CheckFinding>;
  close?(): Promise<void>;
}

/** What a kind of check says about itself. */
export interface CheckCapabilities {
  /** `read` checks change nothing; `canary` checks write, read and remove something of their own. */
  readonly effect: 'read' | 'canary';
  /** True for checks that go over the network: they say unknown while our own connection is down. */
  readonly network: boolean;
}

/** A kind of check; made with `defineHealthCheck`. */
export interface HealthCheckDefinition<O = unknown> {
  /** `^[a-z][a-z0-9-]{1,39}$` or one of the specification's names with underscores. */
  readonly name: string;
  readonly apiVersion: number;
  readonly capabilities: CheckCapabilities;
  readonly defaults: { readonly intervalMs: number; readonly timeoutMs: number };
  /** Parses options. @throws InputDataException that names every wrong field. */
  readonly parse: (options: unknown) => O;
  /** Keys of pings that a check with these options waits for; a ping under a key that nobody waits for is refused. */
  pingKeys?(options: O): readonly string[];
  /** Makes the check; does no network and may be called twice. */
  create(options: O, context: PluginContext): Promise<HealthCheckInstance>;
}
