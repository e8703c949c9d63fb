import type { OpsClient } from '../client/ops-client.ts';
import type { Actor } from '../kernel/actor.ts';
import type { EventListener } from '../kernel/event-bus.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunOrigin } from '../ports/processes.ts';
import type { OpsConfig } from './config/ops-config.ts';
import type { OpsEvents } from './ops-events.ts';

/** What an engine is made from. */
export interface OpsOptions {
  readonly config: OpsConfig;
  /** Absolute path; made with mode 0700 when absent. */
  readonly stateFolder: string;
  /** Where the engine's own log lines go; JSON lines on standard error when absent. */
  readonly logger?: Logger | undefined;
  /** Where suspension and recovery of a target are told; one log line each when absent. */
  readonly alertChannel?: AlertChannel | undefined;
}

/** A running engine. */
export interface Ops extends AsyncDisposable {
  readonly bootId: string;
  readonly stateFolder: string;
  readonly config: OpsConfig;
  /**
   * Takes the lock, opens the store, closes what a dead engine left, and begins to schedule. Once only.
   * @throws SYS-0110 when another engine holds the state folder; store errors SYS-01xx; SYS-0401 for leftovers.
   */
  start(): Promise<void>;
  /** What an operator can ask, in this process. The actor stands in every audit row. */
  client(actor: Actor): OpsClient;
  /** Hears every committed event; the returned function ends it. For screens: nothing that must happen may depend on it. */
  subscribe(listener: EventListener<OpsEvents>): () => void;
  /** First signal: no new slots, running executions get `drainMs`, then they are stopped. Repeatable, one shared promise. */
  drain(): Promise<void>;
  /** Second signal: running executions are ended now. */
  abort(): Promise<void>;
  /**
   * Tells the engine of a promise that was rejected and that nobody waits for (`unhandledRejection`). The run whose function
   * left it behind, `origin`, fails when it ends; without one that still goes on an alert says so.
   */
  noteStray(error: unknown, origin: RunOrigin | undefined): void;
  /** Resolves when the engine has ended; `error` says why when it did not end by itself. */
  readonly ended: Promise<{ readonly error?: unknown }>;
}
