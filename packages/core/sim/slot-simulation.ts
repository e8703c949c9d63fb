import { openSqliteStore } from '../src/adapters/store-sql/sqlite-store.ts';
import type { OpsChange, OpsStore } from '../src/engine/ops-store.ts';
import type { CommitResult } from '../src/kernel/change.ts';
import { isOpsException, opsException } from '../src/kernel/ops-exception.ts';
import type { TargetDefinition } from '../src/run/targets/target.ts';
import { maxConcurrentOf } from '../src/run/targets/target-policies.ts';
import { createTestOps, type TestOps } from '../src/testing/create-test-ops.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../src/testing/virtual-clock.ts';
import { RunningRows } from './running-rows.ts';
import { SCRIPT_POOLS } from './script-policies.ts';
import { SeededRandom } from './seeded-random.ts';
import { findingsOf } from './slot-findings.ts';
import { type ScriptStep, scriptSteps, scriptTargets } from './slot-script.ts';

const REASON = 'a step of the script';

/** What a script left behind, and what was seen while it ran. */
export interface SimulationRecord {
  readonly store: OpsStore;
  readonly targets: readonly TargetDefinition[];
  readonly endMs: number;
  /** Ids of the executions whose work began, in order. */
  readonly begun: readonly string[];
  /** Executions whose end was told, in order. */
  readonly ended: readonly string[];
  /** For each target the stretches of time whose slots were accounted for. */
  readonly stretches: ReadonlyMap<string, readonly SlotStretch[]>;
  /** True when the clock was set back: slots come again then. */
  readonly wentBack: boolean;
  /** Rules that were seen broken while it ran. */
  readonly offences: readonly string[];
}

/** Slots after `afterMs` up to `untilMs`, on one setting of the clock. */
export interface SlotStretch {
  readonly afterMs: number;
  readonly untilMs: number;
}

/** What a simulation found; `steps` is what happened, for a report. */
export interface SimulationResult {
  readonly findings: readonly string[];
  readonly steps: readonly ScriptStep[];
  readonly executions: number;
}

/** Runs the script of a seed against the engine on virtual time; the findings are empty when every rule held. */
export async function simulateSlots(seed: number): Promise<SimulationResult> {
  const random = new SeededRandom(seed);
  const simulation = new Simulation(random);
  const steps = scriptSteps(random, simulation.targetIds);
  const record = await simulation.run(steps);
  const findings = await findingsOf(record);
  const { total } = await record.store.queryExecutions({ limit: 1 });
  await record.store.close();
  return { findings, steps, executions: total };
}

/** One life of an engine: its clock stops with it, and a dead one writes nothing more. */
interface Life {
  readonly test: TestOps;
  readonly clock: VirtualClock;
  alive: boolean;
  failures: number;
  /** So many more commits are written before it dies. */
  commitsLeft: number;
}

class Simulation {
  readonly targetIds: readonly [string, ...string[]];
  readonly #targets: readonly TargetDefinition[];
  readonly #begun: string[] = [];
  readonly #ended: string[] = [];
  readonly #offences: string[] = [];
  readonly #stretches = new Map<string, SlotStretch[]>();
  readonly #rows: RunningRows;
  #life: Life | undefined;

  constructor(random: SeededRandom) {
    const wait = (ms: number, signal: AbortSignal) => this.#clock.sleep(ms, signal);
    const targets = scriptTargets({ random, wait });
    this.#targets = targets.map((definition) => this.#observed(definition));
    this.targetIds = ['healthy', ...targets.map(({ id }) => id)];
    this.#rows = new RunningRows(targets, this.#offences);
  }

  async run(steps: readonly ScriptStep[]): Promise<SimulationRecord> {
    const store = await openSqliteStore({ path: ':memory:', now: () => VIRTUAL_START_MS });
    await this.#start(store, VIRTUAL_START_MS);
    for (const step of steps) await this.#take(step, store);
    // A quiet end: everything that is due has been looked at, then the engine is ended.
    this.#current.failures = 0;
    await this.#clock.advance(5000);
    const endMs = this.#clock.now();
    await this.#end();
    return {
      store,
      targets: this.#targets,
      endMs,
      begun: this.#begun,
      ended: this.#ended,
      stretches: this.#stretches,
      wentBack: steps.some((step) => step.kind === 'step-clock' && step.ms < 0),
      offences: this.#offences,
    };
  }

  get #clock(): VirtualClock {
    return this.#current.clock;
  }

  get #current(): Life {
    if (this.#life === undefined) throw new Error('no engine lives');
    return this.#life;
  }

  async #start(store: OpsStore, nowMs: number, diesAfter = Number.POSITIVE_INFINITY): Promise<void> {
    const clock = new VirtualClock(nowMs);
    const own = { alive: diesAfter > 0, failures: 0, commitsLeft: diesAfter };
    const test = await createTestOps({
      targets: this.#targets,
      clock,
      store: this.#watchedStore(store, own),
      start: false,
      config: { drainMs: 5000, pools: SCRIPT_POOLS },
    });
    test.ops.subscribe(({ name, payload }) => {
      const over =
        name === 'execution.succeeded' || name === 'execution.failed' || name === 'execution.stopped';
      if (over && 'executionId' in payload) this.#ended.push(payload.executionId);
    });
    this.#life = Object.assign(own, { test, clock });
    const started = test.ops.start();
    await (diesAfter === Number.POSITIVE_INFINITY ? started : started.catch(() => undefined));
    await clock.settle();
    if (diesAfter !== Number.POSITIVE_INFINITY) own.alive = false;
  }

  async #take(step: ScriptStep, store: OpsStore): Promise<void> {
    const { clock } = this.#current;
    switch (step.kind) {
      case 'advance':
        return clock.advance(step.ms);
      case 'stall':
        return clock.stall(step.ms);
      case 'step-clock':
        return clock.stepWall(step.ms);
      case 'full-disk':
        this.#current.failures = step.commits;
        return;
      case 'restart': {
        await this.#end();
        return this.#start(store, clock.now());
      }
      case 'crash': {
        this.#current.alive = false;
        if (step.diesAfter !== undefined) await this.#start(store, clock.now(), step.diesAfter);
        return this.#start(store, clock.now());
      }
      default:
        return this.#act(step.kind, step.targetId);
    }
  }

  /** Refusals with a code are part of the game. */
  async #act(kind: 'pause' | 'resume' | 'reset' | 'trigger' | 'stop', targetId: string): Promise<void> {
    const { test, clock } = this.#current;
    const { client } = test;
    const request = { reason: REASON };
    try {
      if (kind !== 'stop') await client[kind](targetId, request);
      else {
        const running = (await client.executions({ jobId: targetId, status: 'RUNNING' })).items[0];
        const waiting = (await client.executions({ jobId: targetId, status: 'READY' })).items[0];
        const id = running?.id ?? waiting?.id;
        if (id !== undefined) await client.stop(id, request);
      }
    } catch (error) {
      if (!isOpsException(error)) throw error;
      if (!/^(BAT-010[1235]|SYS-0302)$/.test(error.code))
        this.#offences.push(`${kind}: ${error.code} ${error.message}`);
    }
    await clock.settle();
  }

  async #end(): Promise<void> {
    const life = this.#current;
    life.failures = 0;
    const ended = life.test.ops.drain();
    await life.clock.advance(10_000);
    await life.test.ops.abort();
    await ended;
    life.alive = false;
  }

  /** The same target, with a look at what begins and what runs beside it. */
  #observed(definition: TargetDefinition): TargetDefinition {
    const { work, id } = definition;
    if (work.kind !== 'function') return definition;
    const going = new Map<Life, number>();
    const most = maxConcurrentOf(definition.policies);
    const run: typeof work.run = async (context) => {
      const life = this.#current;
      if (this.#begun.includes(context.executionId))
        this.#offences.push(`${id}: ${context.executionId} began twice`);
      this.#begun.push(context.executionId);
      const beside = going.get(life) ?? 0;
      if (beside >= most) this.#offences.push(`${id}: ${beside + 1} runs at once`);
      going.set(life, beside + 1);
      try {
        return await work.run(context);
      } finally {
        going.set(life, (going.get(life) ?? 1) - 1);
      }
    };
    return { ...definition, work: { kind: 'function', run } };
  }

  #watchedStore(store: OpsStore, life: Pick<Life, 'alive' | 'failures' | 'commitsLeft'>): OpsStore {
    const commit = async (changes: readonly OpsChange[]): Promise<CommitResult> => {
      if (!life.alive) throw opsException('SYS-0101', 'this engine is dead');
      if (life.failures > 0) {
        life.failures -= 1;
        throw opsException('SYS-0302', 'the disk is full');
      }
      const result = await store.commit(changes);
      if (result !== 'committed') return result;
      life.commitsLeft -= 1;
      if (life.commitsLeft <= 0) life.alive = false;
      this.#rows.follow(changes);
      for (const change of changes) this.#follow(change);
      return result;
    };
    return new Proxy<OpsStore>(store, {
      get(target, key) {
        if (key === 'commit') return commit;
        const member: unknown = Reflect.get(target, key);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  /** A cursor that goes back begins a new stretch: the clock was set. */
  #follow(change: OpsChange): void {
    if (change.kind !== 'target.insert' && change.kind !== 'target.update') return;
    const { targetId, cursorMs } = change.state;
    const stretches = this.#stretches.get(targetId) ?? [{ afterMs: cursorMs, untilMs: cursorMs }];
    this.#stretches.set(targetId, stretches);
    const last = stretches.at(-1);
    if (last === undefined) return;
    if (cursorMs < last.untilMs) stretches.push({ afterMs: cursorMs, untilMs: cursorMs });
    else stretches[stretches.length - 1] = { ...last, untilMs: cursorMs };
  }
}
