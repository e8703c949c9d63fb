import type { OpsClient } from '../client/ops-client.ts';
import type { EngineView } from '../client/ops-views.ts';
import { AuditedActs, osUserAuthorizer } from '../guard/access/manual-acts.ts';
import type { Actor } from '../kernel/actor.ts';
import type { CommitResult } from '../kernel/change.ts';
import { EventBus, type EventListener } from '../kernel/event-bus.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { Executions } from '../run/executions/executions.ts';
import { Runs } from '../run/executions/runs.ts';
import { Scheduler } from '../run/scheduler/scheduler.ts';
import { slotAfterRun } from '../run/scheduler/turn-rules.ts';
import { TargetStates } from '../run/targets/target-states.ts';
import { Targets } from '../run/targets/targets.ts';
import type { OpsConfig } from './config/ops-config.ts';
import type { EngineParts } from './engine-parts.ts';
import { FeedBinding } from './feed-binding.ts';
import { InProcessClient } from './in-process-client.ts';
import type { Ops } from './ops.ts';
import { emitChange, type OpsEvents } from './ops-events.ts';
import { OpsFeed, SNAPSHOT_EXECUTIONS_MAX } from './ops-feed.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { sendAlertLines } from './reactions.ts';
import { recoverOrphans } from './recovery.ts';
import { registerTargets } from './register-targets.ts';

/** A screen hears from the engine at least this often, ms. */
const BEAT_EVERY_MS = 2000;

/** The services of an engine that has started. */
interface Started {
  readonly store: OpsStore;
  readonly states: TargetStates<OpsChange>;
  readonly runs: Runs;
  readonly scheduler: Scheduler;
  readonly binding: FeedBinding;
  readonly client: (actor: Actor) => OpsClient;
}

/** One engine: new → starting → running → draining → ended. */
export class OpsEngine implements Ops {
  readonly config: OpsConfig;
  readonly ended: Promise<{ readonly error?: unknown }>;
  readonly #parts: EngineParts;
  readonly #bus: EventBus<OpsEvents>;
  readonly #feed: OpsFeed;
  readonly #undo: Array<() => void | Promise<void>> = [];
  readonly #resolveEnded: (end: { readonly error?: unknown }) => void;
  #started: Started | undefined;
  #starting = false;
  #draining: Promise<void> | undefined;
  #startedAtMs = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.config = parts.config;
    const { promise, resolve } = Promise.withResolvers<{ readonly error?: unknown }>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#bus = new EventBus((error, name) =>
      parts.logger.error('a listener of events failed', {
        name,
        error: error instanceof Error ? error.message : String(error),
      }),
    );
    this.#feed = new OpsFeed({ clock: parts.clock, engine: () => this.#view(), beatEveryMs: BEAT_EVERY_MS });
  }

  get bootId(): string {
    return this.#parts.bootId;
  }

  get stateFolder(): string {
    return this.#parts.stateFolder;
  }

  async start(): Promise<void> {
    if (this.#starting) throw opsException('LOG-0101', 'an engine starts once; make a new one');
    this.#starting = true;
    const parts = this.#parts;
    const { clock } = parts;
    this.#startedAtMs = clock.now();
    try {
      if (parts.lock !== undefined) this.#undo.push(parts.lock());
      const store = await parts.openStore();
      this.#undo.push(() => store.close());
      if (parts.watchLoop !== undefined) this.#undo.push(parts.watchLoop());
      this.#started = await this.#assemble(store);
      this.#started.scheduler.start();
      this.#bus.emit('engine.started', { bootId: parts.bootId, atMs: clock.now() });
    } catch (error) {
      await this.#unwind();
      this.#resolveEnded({ error });
      throw error;
    }
  }

  client(actor: Actor): OpsClient {
    return this.#require().client(actor);
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
    this.#started?.runs.killAll(this.#shutdownStop('ended at once'));
    await draining;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #drain(): Promise<void> {
    const { clock, config, bootId } = this.#parts;
    const started = this.#started;
    if (started !== undefined) {
      this.#bus.emit('engine.draining', { bootId, atMs: clock.now() });
      started.runs.beginDrain();
      started.scheduler.drain();
      this.#feed.showEngine();
      const patience = new AbortController();
      const idle = started.runs.idle();
      const waited = clock.sleep(config.drainMs, patience.signal).catch(() => undefined);
      await Promise.race([idle, waited]);
      patience.abort();
      started.runs.stopAll(
        this.#shutdownStop(`still running ${config.drainMs} ms after the engine was asked to end`),
      );
      await idle;
      await started.scheduler.end();
      await started.states.exclusively(async () => undefined);
      started.binding.close();
      this.#bus.emit('engine.ended', { bootId, atMs: clock.now() });
    }
    this.#feed.close();
    await this.#unwind();
    this.#resolveEnded({});
  }

  async #assemble(store: OpsStore): Promise<Started> {
    const parts = this.#parts;
    const { clock, logger, config, processes, self, stateFolder } = parts;
    const definitions = new Map(config.targets.map((definition) => [definition.id, definition]));
    await recoverOrphans({ store, processes, clock, logger, stateFolder, definitions, self });
    let binding: FeedBinding | undefined;
    const states = new TargetStates<OpsChange>(config.targets, (changes) =>
      this.#commit(store, changes, binding),
    );
    states.load(await registerTargets(store, config.targets, clock.now()));
    let scheduler: Scheduler | undefined;
    const runs = new Runs({
      states,
      clock,
      logger,
      runner: parts.runner,
      outputFiles: parts.outputFiles,
      secrets: config.secrets,
      owner: parts.self,
      slotAfterRun,
      onMoved: (targetId, what) => {
        binding?.moved(targetId);
        if (what !== 'progress') scheduler?.poke(targetId);
      },
    });
    binding = new FeedBinding({ feed: this.#feed, states, runs, store, clock });
    await binding.load(SNAPSHOT_EXECUTIONS_MAX);
    scheduler = new Scheduler({
      states,
      runs,
      clock,
      logger,
      onClockJump: (jumpMs) => this.#bus.emit('clock.jumped', { jumpMs, atMs: clock.now() }),
    });
    return {
      store,
      states,
      runs,
      scheduler,
      binding,
      client: this.#clients(store, states, { runs, binding, scheduler }),
    };
  }

  #clients(
    store: OpsStore,
    states: TargetStates<OpsChange>,
    live: { readonly runs: Runs; readonly binding: FeedBinding; readonly scheduler: Scheduler },
  ): (actor: Actor) => OpsClient {
    const { clock, randomness, self, outputFiles } = this.#parts;
    const { runs, binding, scheduler } = live;
    const acts = new AuditedActs({ store, authorizer: osUserAuthorizer, clock, host: self.host });
    const targets = new Targets({ states, acts, clock, onMoved: (targetId) => scheduler.poke(targetId) });
    const executions = new Executions({ states, store, runs, acts, clock, randomness, owner: self });
    const services = {
      store,
      states,
      targets,
      executions,
      runs,
      feed: this.#feed,
      clock,
      randomness,
      outputFiles,
    };
    return (actor) => new InProcessClient({ ...services, freshen: () => binding.flush() }, actor);
  }

  /** The one way anything is written: commit, then tell. */
  async #commit(
    store: OpsStore,
    changes: readonly OpsChange[],
    binding: FeedBinding | undefined,
  ): Promise<CommitResult> {
    const result = await store.commit(changes);
    if (result === 'conflict') return result;
    binding?.committed(changes);
    for (const change of changes) emitChange(this.#bus.emit, change);
    void sendAlertLines(this.#parts.alertChannel, changes, this.#parts.logger);
    return result;
  }

  #require(): Started {
    if (this.#started !== undefined) return this.#started;
    throw opsException('LOG-0101', 'the engine has not started; await start() first');
  }

  #shutdownStop(reason: string) {
    return { operatorId: 'system:shutdown', atMs: this.#parts.clock.now(), reason };
  }

  async #unwind(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) await step();
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
