import type { OpsClient } from '../client/ops-client.ts';
import type { Actor } from '../kernel/actor.ts';
import type { OpsConfig } from './config/ops-config.ts';

export interface OpsOptions {
  readonly config: OpsConfig;
  /** Absolute path; made with mode 0700 when absent. */
  readonly stateFolder: string;
}

/** A running engine. */
export interface Ops extends AsyncDisposable {
  readonly bootId: string;
  readonly stateFolder: string;
  readonly config: OpsConfig;
  /** Takes the lock, opens the store, closes what a dead engine left, and begins to schedule. Once only. */
  start(): Promise<void>;
  /** What an operator can ask, in this process. The actor stands in every audit row. */
  client(actor: Actor): OpsClient;
  /** First signal: no new slots, running executions get `drainMs`, then they are stopped. Repeatable, one shared promise. */
  drain(): Promise<void>;
  /** Second signal: running executions are ended now. */
  abort(): Promise<void>;
  /** Resolves when the engine has ended (drained, aborted or failed with the given error). */
  readonly ended: Promise<{ readonly error?: unknown }>;
}
