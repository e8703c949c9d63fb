import type { OpsClient } from '../client/ops-client.ts';
import type { Actor } from '../kernel/actor.ts';
import type { CommitResult } from '../kernel/change.ts';
import { EventBus, type EventListener } from '../kernel/event-bus.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { redact, type Secret } from '../kernel/secret.ts';
import type { PluginContext } from '../ports/alert-channel.ts';
import type { RunOrigin } from '../ports/processes.ts';
import type { AlertSignal } from '../watch/alerts/alert.ts';
import type { AlertActs, Alerts } from '../watch/alerts/alerts.ts';
import { sayLost } from './alerting-channels.ts';
import { AlertingCommit } from './alerting-commit.ts';
import { setUpAlerts, startSignals } from './alerting-setup.ts';
import { ChannelVerify } from './alerting-verify.ts';
import type { OpsConfig } from './config/ops-config.ts';
import type { EngineParts } from './engine-parts.ts';
import { assembleServices, type EngineServices } from './engine-services.ts';
import { BEAT_EVERY_MS, engineView } from './engine-view.ts';
import { guardChannel, guardLogger } from './guarded-sinks.ts';
import { KeepBook, keepJobs } from './keep/keep-book.ts';
import type { Ops } from './ops.ts';
import { emitChange, type OpsEvents } from './ops-events.ts';
import { OpsFeed } from './ops-feed.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { engineContexts } from './plugin-context.ts';
import { type AlertLine, schedulerSignal } from './reactions.ts';
import { schedulerLook } from './scheduler-watch.ts';
import { judgeStray } from './stray-errors.ts';
import { endAnyhow, waitForRuns } from './wait-for-runs.ts';
import { startLifeSigns } from './watch/life-signs-setup.ts';
import { PingBook } from './watch/ping-book.ts';

/** One engine: new → starting → running → draining → ended. Every step happens once, in this order. */
export class OpsEngine implements Ops {
  readonly config: OpsConfig;
  readonly ended: Promise<{ readonly error?: unknown }>;
  readonly #parts: EngineParts;
  readonly #bus: EventBus<OpsEvents>;
  readonly #feed: OpsFeed;
  /** Grows with every secret that a plugin reads. */
  readonly #secrets: Secret[];
  readonly #ends = new AbortController();
  readonly #contextOf: (owner: string) => PluginContext;
  /** How to give back what was taken at the start, the newest last. */
  readonly #undo: Array<() => void | Promise<void>> = [];
  readonly #resolveEnded: (end: { readonly error?: unknown }) => void;
  #starting: Promise<void> | undefined;
  #services: EngineServices | undefined;
  #pings: PingBook | undefined;
  #draining: Promise<void> | undefined;
  #startedAtMs = 0;

  constructor(parts: EngineParts) {
    this.#secrets = [...parts.config.secrets];
    const secrets = this.#secrets;
    const logger = guardLogger(parts.logger, secrets);
    const alertChannel = guardChannel(parts.alertChannel, secrets);
    this.#parts = { ...parts, logger, alertChannel };
    this.config = parts.config;
    const lastPing = (key: string) => this.#pings?.lastPing(key);
    const pingsOverNetwork = (key: string) => this.#pings?.isOverNetwork(key) ?? false;
    const { signal } = this.#ends;
    this.#contextOf = engineContexts(this.#parts, { secrets, lastPing, pingsOverNetwork, signal });
    const { promise, resolve } = Promise.withResolvers<{ readonly error?: unknown }>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#bus = new EventBus((error, name) =>
      logger.error('a listener of events failed', { name, error: textOf(error) }),
    );
    this.#feed = new OpsFeed({
      clock: parts.clock,
      engine: () =>
        engineView(this.#parts, {
          draining: this.#draining !== undefined,
          startedAtMs: this.#startedAtMs,
        }),
      beatEveryMs: BEAT_EVERY_MS,
      watched: () => this.#services?.board.snapshot(),
    });
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

  /** The alerts of the engine and what operators may do with them. */
  get alerts(): { readonly service: Alerts<OpsChange>; readonly acts: AlertActs<OpsChange> } {
    if (this.#services !== undefined) {
      return { service: this.#services.alerts, acts: this.#services.alertActs };
    }
    throw opsException('LOG-0101', 'the engine has not started; await start() first');
  }

  subscribe(listener: EventListener<OpsEvents>): () => void {
    return this.#bus.subscribe(listener);
  }

  noteStray(error: unknown, origin: RunOrigin | undefined): void {
    if (this.#services === undefined) return;
    const { runs, alerts } = this.#services;
    const atMs = this.#parts.clock.now();
    const signal = judgeStray(runs, { error, origin, atMs, secrets: this.#secrets });
    if (signal !== undefined) this.#signal(alerts, signal);
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
      this.#undo.push(() => services.board.close());
      this.#undo.push(() => services.health.stop());
      // Who was asked to end while starting starts nothing any more.
      if (this.#draining === undefined) await this.#startServices(services);
      this.#bus.emit('engine.started', { bootId, atMs: clock.now() });
    } catch (error) {
      this.#feed.close();
      await this.#unwind();
      this.#resolveEnded({ error });
      throw error;
    }
  }

  async #startServices(services: EngineServices): Promise<void> {
    const { scheduler, alerts, health, keep } = services;
    const { watchScheduler, logger, clock } = this.#parts;
    alerts.start();
    await alerts.signal(...startSignals(alerts, this.config, clock.now()));
    await keep.start();
    // Without checks there is nothing to look at; those of an older config are forgotten all the same.
    await (health.list().length === 0 ? health.load() : health.start());
    scheduler.start();
    this.#undo.push(startLifeSigns(this.#parts, services, this.#contextOf));
    if (watchScheduler === undefined) return;
    const say = (line: AlertLine) => this.#signal(alerts, schedulerSignal(line, clock.now()));
    this.#undo.push(watchScheduler(schedulerLook(scheduler, logger, say)));
  }

  /** Signals what is nobody's commit; what cannot be recorded is at least said. */
  #signal(alerts: Alerts<OpsChange>, signal: AlertSignal): void {
    alerts.signal(signal).catch((error: unknown) => {
      this.#parts.logger.error('an alert could not be recorded', { error: textOf(error) });
      sayLost(this.#parts.alertChannel, [signal]);
    });
  }

  async #drain(): Promise<void> {
    // A start that is under way is finished first; one that fails has given back everything itself.
    if (this.#services === undefined) await this.#starting?.catch(() => undefined);
    const services = this.#services;
    const stop = this.#shutdownStop('the engine could not end in order');
    const end = services === undefined ? {} : await endAnyhow(this.#endRuns(services), services.runs, stop);
    await this.#unwind();
    this.#feed.close();
    this.#resolveEnded(end);
    if ('error' in end) throw end.error;
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
    await waitForRuns(services, this.#parts);
    runs.stopAll(this.#shutdownStop(`still running ${config.drainMs} ms after the engine was asked to end`));
    await runs.idle();
    await scheduler.end();
    await states.exclusively(async () => undefined);
    this.#bus.emit('engine.ended', { bootId, atMs: clock.now() });
  }

  async #assemble(store: OpsStore): Promise<EngineServices> {
    const { clock, logger, alertChannel, config } = this.#parts;
    const commit = (changes: readonly OpsChange[]) => this.#commit(store, changes);
    const secrets = this.#secrets;
    const redacted = (text: string) => redact(text, secrets);
    const contextOf = this.#contextOf;
    const { alerts, channels } = setUpAlerts({ ...this.#parts, store, commit, secrets, contextOf });
    await alerts.load();
    const pings = await PingBook.open({ store, commit, clock, redact: redacted, config });
    this.#pings = pings;
    const machine = this.#parts.lookAtMachine?.();
    if (machine !== undefined) this.#undo.push(() => machine.close());
    this.#undo.push(() => this.#ends.abort(new Error('the engine ends')));
    for (const { instance } of channels) this.#undo.push(() => instance.close?.());
    this.#undo.push(() => alerts.close());
    const verify = new ChannelVerify({ ...this.#parts, channels, redact: redacted, alerts });
    this.#undo.push(() => verify.close());
    verify.start();
    const commitWith = alerts.commit.bind(alerts);
    const onLost = (signals: readonly AlertSignal[]) => sayLost(alertChannel, signals);
    const backupJobs = keepJobs(this.config);
    const committing = new AlertingCommit({ commit, commitWith, logger, onLost, backupJobs });
    const keep = new KeepBook({ ...this.#parts, store, alerts, readState: this.#parts.readKeepState });
    this.#undo.push(() => keep.close());
    return assembleServices({
      ...this.#parts,
      store,
      feed: this.#feed,
      alerts,
      secrets,
      contextOf,
      pings,
      keep,
      machine,
      commit: (changes) => committing.commit(changes),
      onClockJump: (jumpMs) => {
        this.#bus.emit('clock.jumped', { jumpMs, atMs: clock.now() });
        alerts.clockJumped(jumpMs).catch((error: unknown) => {
          logger.error('alerts could not follow the clock', { error: textOf(error) });
        });
      },
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
      this.#services?.keep.committed(changes);
      this.#services?.board.committed(changes);
      for (const change of changes) emitChange(this.#bus.emit, change);
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
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
