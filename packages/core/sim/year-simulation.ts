import { nodeCronGrammar } from '../src/adapters/cron-node/cron-grammar.ts';
import { SimulatedEngine } from '../src/engine/simulation/simulated-engine.ts';
import type { SimulationEvent } from '../src/engine/simulation/simulation-events.ts';
import { parseWindow } from '../src/run/calendars/session-terms.ts';
import { requireShippedCalendar } from '../src/run/calendars/shipped-calendars.ts';
import { countSlots } from '../src/run/scheduler/next-slot.ts';
import type { Schedule } from '../src/run/scheduler/schedule.ts';
import type { TargetDefinition, TargetState } from '../src/run/targets/target.ts';
import type { MissedPolicy, OverlapPolicy } from '../src/run/targets/target-policies.ts';
import { afterLostRun } from '../src/run/targets/target-rules.ts';
import { testTarget } from '../src/testing/test-targets.ts';
import { SeededRandom } from './seeded-random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What a simulated year came to. */
export interface YearResult {
  /** Targets whose slots do not add up, in words; empty when every slot is accounted for. */
  readonly findings: readonly string[];
  readonly slots: number;
  readonly executions: number;
  readonly skips: number;
  readonly restarts: number;
  readonly clockSteps: number;
}

/** Slots after `afterMs` up to `untilMs`, on one setting of the clock. */
interface Stretch {
  readonly afterMs: number;
  untilMs: number;
}

/**
 * Simulates a year of an engine that is killed, stalls, and whose clock is set, and counts: every slot that its cursors
 * passed must be an execution or a skip. No store takes part.
 */
export function simulateYear(seed: number, days = 365): YearResult {
  return new YearSimulation(seed).run(days);
}

class YearSimulation {
  readonly #random: SeededRandom;
  readonly #definitions: readonly TargetDefinition[];
  readonly #executions = new Map<string, number>();
  readonly #skips = new Map<string, number>();
  readonly #stretches = new Map<string, Stretch[]>();
  #engine: SimulatedEngine;
  #restarts = 0;
  #clockSteps = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#definitions = yearTargets(this.#random);
    this.#engine = this.#start(Date.UTC(2026, 0, 1));
  }

  run(days: number): YearResult {
    // Time that passes counts, not what the wall clock shows.
    for (let leftMs = days * dayMs; leftMs > 0; ) {
      const spanMs = Math.min(leftMs, this.#random.whole(minuteMs, 6 * dayMs));
      this.#pass(spanMs);
      leftMs -= spanMs + this.#disturb();
    }
    this.#engine.finish();
    this.#follow();
    return this.#result();
  }

  #start(fromMs: number, states?: readonly TargetState[]): SimulatedEngine {
    const random = this.#random;
    const engine = new SimulatedEngine(
      {
        definitions: this.#definitions,
        pools: { small: 2 },
        fromMs,
        states,
        durationMs: ({ id }) => (id === 'slow' ? random.whole(0, 20 * minuteMs) : random.whole(0, 3000)),
        outcome: () => (random.chance(0.05) ? 'FAILED' : 'SUCCESS'),
      },
      (event) => this.#count(event),
    );
    for (const { targetId, cursorMs } of engine.states) this.#stretchOf(targetId, cursorMs);
    return engine;
  }

  #pass(ms: number): void {
    const untilMs = this.#engine.nowMs + ms;
    while (this.#engine.step(untilMs));
    this.#follow();
  }

  /** Something that happens to an engine once in a while; returns how much time it took, ms. */
  #disturb(): number {
    const random = this.#random;
    switch (random.pick(['crash', 'stall', 'step', 'step', 'nothing'] as const)) {
      case 'crash':
        return this.#crash(random.pick([1000, 10 * minuteMs, 7 * hourMs, 2 * dayMs]));
      case 'stall': {
        const ms = random.pick([2600, 90_000, hourMs]);
        this.#engine.stall(ms);
        return ms;
      }
      case 'step':
        this.#clockSteps += 1;
        this.#engine.setClock(
          random.pick([-5 * hourMs, -hourMs, -30_000, -1500, 1500, 45_000, 2 * hourMs, dayMs]),
        );
        this.#follow();
        return 0;
      default:
        return 0;
    }
  }

  /** What goes on is lost, what waits never runs: both are executions. */
  #crash(downMs: number): number {
    this.#restarts += 1;
    const states = new Map(this.#engine.states.map((state) => [state.targetId, state]));
    const nowMs = this.#engine.nowMs + downMs;
    for (const execution of this.#engine.active) {
      const { id, jobId, status, startedAtMs, attempt } = execution;
      if (attempt === 1) this.#executions.set(jobId, (this.#executions.get(jobId) ?? 0) + 1);
      const state = states.get(jobId);
      if (status !== 'RUNNING' || state === undefined) continue;
      const started = startedAtMs === undefined ? {} : { startedAtMs };
      const end = {
        executionId: id,
        status: 'FAILED',
        scheduled: true,
        endedAtMs: nowMs,
        errorCode: 'BAT-0301',
        ...started,
      } as const;
      const definition = this.#definitions.find((other) => other.id === jobId);
      states.set(jobId, afterLostRun(state, end, definition).state);
    }
    this.#engine = this.#start(nowMs, [...states.values()]);
    return downMs;
  }

  #count(event: SimulationEvent): void {
    const { targetId } = event;
    if (event.kind === 'skip') this.#skips.set(targetId, (this.#skips.get(targetId) ?? 0) + event.count);
    else if (event.attempt === 1) this.#executions.set(targetId, (this.#executions.get(targetId) ?? 0) + 1);
  }

  #follow(): void {
    for (const { targetId, cursorMs } of this.#engine.states) this.#stretchOf(targetId, cursorMs);
  }

  /** A cursor that goes back begins a new stretch. */
  #stretchOf(targetId: string, cursorMs: number): void {
    const stretches = this.#stretches.get(targetId) ?? [];
    this.#stretches.set(targetId, stretches);
    const last = stretches.at(-1);
    if (last === undefined || cursorMs < last.untilMs)
      stretches.push({ afterMs: cursorMs, untilMs: cursorMs });
    else last.untilMs = cursorMs;
  }

  #result(): YearResult {
    const findings: string[] = [];
    let [slots, executions, skips] = [0, 0, 0];
    for (const { id, schedule } of this.#definitions) {
      if (schedule === undefined) continue;
      const ofTarget = (this.#stretches.get(id) ?? []).reduce(
        (sum, stretch) => sum + countSlots(schedule, stretch, 10_000_000).count,
        0,
      );
      const [ran, skipped] = [this.#executions.get(id) ?? 0, this.#skips.get(id) ?? 0];
      if (ran + skipped !== ofTarget)
        findings.push(`${id}: ${ofTarget} slots, ${ran} executions + ${skipped} skips`);
      slots += ofTarget;
      executions += ran;
      skips += skipped;
    }
    return { findings, slots, executions, skips, restarts: this.#restarts, clockSteps: this.#clockSteps };
  }
}

/** Every kind of schedule and filter, every policy for slots that come too late or while another run goes on. */
function yearTargets(random: SeededRandom): readonly TargetDefinition[] {
  const [xkrx, xnys] = [requireShippedCalendar('XKRX'), requireShippedCalendar('XNYS')];
  const schedules: Readonly<Record<string, Schedule>> = {
    slow: { kind: 'interval', everyMs: 10 * minuteMs, mode: 'rate', phaseMs: 1234, runOnStart: false },
    days: {
      kind: 'interval',
      everyMs: 20 * minuteMs,
      mode: 'rate',
      phaseMs: 0,
      runOnStart: false,
      sessions: { calendar: xkrx },
    },
    window: {
      kind: 'interval',
      everyMs: 15 * minuteMs,
      mode: 'rate',
      phaseMs: 0,
      runOnStart: false,
      sessions: { calendar: xnys, window: parseWindow('open-30m..close+15m') },
    },
    night: cron('30 1,2 * * *', 'America/New_York'),
    berlin: cron('*/20 * * * *', 'Europe/Berlin'),
    howe: { ...cron('15 1,2 * * 1-5', 'Australia/Lord_Howe'), dstGap: 'skip' },
    close: { kind: 'anchor', calendar: xkrx, anchor: { edge: 'close', offsetMs: 5 * minuteMs } },
  };
  return Object.entries(schedules).map(([id, schedule]) =>
    testTarget(id, () => 'done', {
      schedule,
      graceMs: random.pick([0, 10_000, hourMs]),
      timeoutMs: hourMs,
      errors: { errorBackoffMs: 60_000, maxConsecutiveErrors: 2, cooldownMs: 30 * minuteMs },
      policies: {
        pool: random.pick(['small', 'default']),
        overlap: random.pick<OverlapPolicy>([
          { kind: 'skip' },
          { kind: 'queue-one' },
          { kind: 'queue', max: 2 },
          { kind: 'cancel-running' },
          { kind: 'allow', maxConcurrent: 2 },
        ]),
        missed: random.pick<MissedPolicy>([
          { kind: 'skip' },
          { kind: 'latest' },
          { kind: 'all', maxCatchUp: 5, windowMs: 12 * hourMs },
        ]),
      },
    }),
  );
}

function cron(expression: string, timeZone: string): Schedule & { kind: 'cron' } {
  const parsed = nodeCronGrammar.parse(expression);
  if (!parsed.ok) throw new Error(`${expression} cannot be read`);
  return { kind: 'cron', expression, fields: parsed.fields, timeZone, dstGap: 'run' };
}
