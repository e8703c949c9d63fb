import type { CommitResult } from '../../kernel/change.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { InMaintenance } from './health-book.ts';
import type { HealthChange } from './health-changes.ts';
import type { HealthStore } from './health-store.ts';
import type { IsolationPolicy } from './isolation-rules.ts';
import type { RegisteredCheck } from './registered-check.ts';

/** After a start nothing but critical checks raises an alert for so long, ms. */
export const STARTUP_GRACE_MS = 30_000;
/** A check that depends on others gives them so long to fail first, ms. */
export const INHIBIT_WAIT_MS = 10_000;
/** Everything the health service is put together from. */
export interface HealthChecksOptions {
  readonly checks: readonly RegisteredCheck[];
  readonly store: HealthStore;
  /** Writes changes, with whatever reactions they have, in one transaction or not at all. */
  readonly commit: (changes: readonly HealthChange[]) => Promise<CommitResult>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** Takes secrets out of everything a check says; default: nothing is secret. */
  readonly clean?: ((text: string) => string) | undefined;
  /** Default: never. */
  readonly inMaintenance?: InMaintenance | undefined;
  readonly isolation?: IsolationPolicy | undefined;
  /** Told whether our own connection is down, after whatever may have changed it. */
  readonly onIsolation?: ((isolated: boolean) => void) | undefined;
  /** True: what is on record of other checks is left alone; default: they are forgotten, their alerts resolved. */
  readonly keepsOthers?: boolean | undefined;
  /** Default 30,000 ms; 0 for none. */
  readonly startupGraceMs?: number | undefined;
  /** Default 10,000 ms. */
  readonly inhibitWaitMs?: number | undefined;
}
