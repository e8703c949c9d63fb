import type { OpsClient } from '../client/ops-client.ts';
import type { EngineView } from '../client/ops-views.ts';
import type { Actor } from '../kernel/actor.ts';
import type { CommitResult } from '../kernel/change.ts';
import { EventBus, type EventListener } from '../kernel/event-bus.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { OpsConfig } from './config/ops-config.ts';
import type { EngineParts } from './engine-parts.ts';
import { assembleServices, type EngineServices } from './engine-services.ts';
import { guardChannel, guardLogger } from './guarded-sinks.ts';
import type { Ops } from './ops.ts';
import { emitChange, type OpsEvents } from './ops-events.ts';
import { OpsFeed } from './ops-feed.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { AlertLines, warningLinesOf } from './reactions.ts';
import { schedulerLook } from './scheduler-watch.ts';

/** A screen hears from the engine at least this often, ms. */
const BEAT_EVERY_MS = 2000;

/** One engine: new → starting → running → draining → ended. Every step happens once, in this order. */
export class OpsEngine implements Ops {
  readonly config: OpsConfig;
  readonly ended: Promise<{ readonly error?: unknown }>;
  readonly #parts: EngineParts;
  readonly #bus: EventBus<OpsEvents>;
  readonly #feed: OpsFeed;
  readonly #alerts: AlertLines;
  /** How to give back what was taken at the start, the newest last. */
  readonly #undo: Array<() => void | Promise<void>> = [];
  readonly #resolveEnded: (end: { readonly error?: unknown }) => void;
  #starting: Promise<void> | undefined;
  #services: EngineServices | undefined;
  #draining: Promise<void> | undefined;
  #startedAtMs = 0;

  constructor(parts: EngineParts) {
    const { secrets } = parts.config;
    const logger = guardLogger(parts.logger, secrets);
    const alertChannel = guardChannel(parts.alertChannel, secrets);
    this.#parts = { ...parts, logger, alertChannel };
    this.config = parts.config;
    const { promise, resolve } = Promise.withResolvers<{ readonly error?: unknown }>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#bus = new EventBus((error, name) =>
      logger.error('a listener of events failed', { name, error: textOf(error) }),
    );
    this.#alerts = new AlertLines({ channel: alertChannel, clock: parts.clock, logger });
    this.#feed = new OpsFeed({ clock: parts.clock, engine: () => this.#view(), beatEveryMs: BEAT_EVERY_MS });
  }

  get bootId(): string {
    return this.#parts.bootId;
  }

  get stateFolder(): string {
    return this.#parts.stateFolder;
  }

  async start(): Promise<void> {
    if (this.#starting !== undefined || this.#draining !== undefined) {
      throw opsException('LOG-0101', 'an engine starts once; make a new one');
    }
    this.#starting = this.#start();
    await this.#starting;
  }

  client(actor: Actor): OpsClient {
    if (this.#services !== undefined) return this.#services.client(actor);
    throw opsException('LOG-0101', 'the engine has not started; await start() first');
  }

  subscribe(listener: EventListener<OpsEvents>): () => void {
    return this.#bus.subscribe(listener);
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async abort(): Promise<void> {
    const draining = this.drain();
    this.#services?.runs.killAll(this.#shutdownStop('ended at once'));
    await draining;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #start(): Promise<void> {
    const { clock, bootId, lock, watchLoop, openStore, keepsStoreOpen } = this.#parts;
    this.#startedAtMs = clock.now();
    try {
      if (lock !== undefined) this.#undo.push(lock());
      const store = await openStore();
      if (keepsStoreOpen !== true) this.#undo.push(() => store.close());
      if (watchLoop !== undefined) this.#undo.push(watchLoop());
      const services = await this.#assemble(store);
      this.#services = services;
      this.#undo.push(() => services.binding.close());
      // Who was asked to end while starting starts nothing any more.
      if (this.#draining === undefined) this.#startScheduler(services);
      this.#bus.emit('engine.started', { bootId, atMs: clock.now() });
    } catch (error) {
      this.#feed.close();
      await this.#unwind();
      this.#resolveEnded({ error });
      throw error;
    }
  }

  #startScheduler({ scheduler }: EngineServices): void {
    scheduler.start();
    for (const line of warningLinesOf(this.config.warnings)) this.#alerts.say(line);
    const { watchScheduler, logger } = this.#parts;
    if (watchScheduler === undefined) return;
    this.#undo.push(watchScheduler(schedulerLook(scheduler, logger, (line) => this.#alerts.say(line))));
  }

  async #drain(): Promise<void> {
    // A start that is under way is finished first; one that fails has given back everything itself.
    if (this.#services === undefined) await this.#starting?.catch(() => undefined);
    if (this.#services !== undefined) await this.#endRuns(this.#services);
    await this.#alerts.settled();
    await this.#unwind();
    this.#feed.close();
    this.#resolveEnded({});
  }

  async #endRuns(services: EngineServices): Promise<void> {
    const { runs, scheduler, states } = services;
    const { clock, config, bootId } = this.#parts;
    this.#bus.emit('engine.draining', { bootId, atMs: clock.now() });
    const ended = runs.beginDrain();
    scheduler.drain();
    this.#feed.showEngine();
    await ended.catch((error: unknown) => {
      this.#parts.logger.error('what waited to be started is not ended on record', { error: textOf(error) });
    });
    // A decision under way may still start a run.
    await states.exclusively(async () => undefined);
    const patience = new AbortController();
    const idle = runs.idle();
    const waited = clock.sleep(config.drainMs, patience.signal).catch(() => undefined);
    await Promise.race([idle, waited]);
    patience.abort();
    runs.stopAll(this.#shutdownStop(`still running ${config.drainMs} ms after the engine was asked to end`));
    await idle;
    await scheduler.end();
    await states.exclusively(async () => undefined);
    this.#bus.emit('engine.ended', { bootId, atMs: clock.now() });
  }

  #assemble(store: OpsStore): Promise<EngineServices> {
    const { clock } = this.#parts;
    return assembleServices({
      ...this.#parts,
      store,
      feed: this.#feed,
      commit: (changes) => this.#commit(store, changes),
      onClockJump: (jumpMs) => this.#bus.emit('clock.jumped', { jumpMs, atMs: clock.now() }),
    });
  }

  async #commit(store: OpsStore, changes: readonly OpsChange[]): Promise<CommitResult> {
    const result = await store.commit(changes);
    if (result === 'committed') this.#tell(changes);
    return result;
  }

  /** Says what was committed. Nothing that fails here may look like a commit that failed. */
  #tell(changes: readonly OpsChange[]): void {
    try {
      this.#services?.binding.committed(changes);
      for (const change of changes) emitChange(this.#bus.emit, change);
      this.#alerts.send(changes);
    } catch (error) {
      this.#parts.logger.error('what was committed could not be told', { error: textOf(error) });
    }
  }

  #shutdownStop(reason: string) {
    return { operatorId: 'system:shutdown', atMs: this.#parts.clock.now(), reason };
  }

  /** Gives back everything; a step that fails is reported and does not keep the others from happening. */
  async #unwind(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        this.#parts.logger.error('a part of the engine did not end well', { error: textOf(error) });
      }
    }
  }

  #view(): EngineView {
    const { config, version, bootId, self, stateFolder } = this.#parts;
    return {
      instance: config.instance,
      environment: config.environment,
      version,
      bootId,
      pid: self.pid,
      state: this.#draining === undefined ? 'running' : 'draining',
      startedAtMs: this.#startedAtMs,
      timeZone: config.timeZone,
      beatEveryMs: BEAT_EVERY_MS,
      stateFolder,
    };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
