import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../sim/seeded-random.ts';
import { nodeCronGrammar } from '../adapters/cron-node/cron-grammar.ts';
import { parseWindow } from '../run/calendars/session-terms.ts';
import { requireShippedCalendar } from '../run/calendars/shipped-calendars.ts';
import type { Schedule } from '../run/scheduler/schedule.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import type { OverlapPolicy, TargetPolicies } from '../run/targets/target-policies.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { testTarget } from '../testing/test-targets.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { recordedEvents, slotLines, storeWithSkips } from './fixtures/slot-lines.ts';
import { simulate } from './simulation/simulation.ts';
import type { SimulatedOutcome } from './simulation/simulation-events.ts';

const minuteMs = 60_000;
const SEEDS = Array.from({ length: 40 }, (_, index) => 1 + index);
/** Shortly before a clock change in New York, an opening in Seoul, an opening in New York. */
const STARTS = [
  '2026-03-08T06:10:00Z',
  '2026-11-01T05:10:00Z',
  '2026-09-22T23:10:00Z',
  '2026-09-25T12:50:00Z',
] as const;

/** A small configuration with everything that decides about runs, and how its runs go. */
class RandomCase {
  readonly fromMs: number;
  readonly definitions: readonly TargetDefinition[];
  readonly pools: Readonly<Record<string, number>>;
  readonly #random: SeededRandom;
  readonly #durations = new Map<string, number>();
  readonly #fails = new Map<string, number>();

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.fromMs = Date.parse(this.#random.pick(STARTS));
    this.pools = { small: this.#random.whole(1, 2) };
    const count = this.#random.whole(2, 5);
    this.definitions = Array.from({ length: count }, (_, index) => this.#target(index));
  }

  /** The same for every attempt at a slot. */
  readonly durationMs = ({ id }: TargetDefinition): number => this.#durations.get(id) ?? 0;

  /** Some slots fail at their first attempts; which ones depends on nothing but target and slot. */
  readonly outcome = ({ id }: TargetDefinition, slotMs: number, attempt: number): SimulatedOutcome => {
    const rate = this.#fails.get(id) ?? 0;
    const failures = rate === 0 ? 0 : Math.floor(slotMs / 1000 / rate) % 4;
    return attempt <= failures ? 'FAILED' : 'SUCCESS';
  };

  #target(index: number): TargetDefinition {
    const random = this.#random;
    const id = `t${index}`;
    this.#durations.set(id, random.pick([0, 0, 0, 1500, 7000, 45_000, 200_000]));
    this.#fails.set(id, random.pick([0, 0, 0, 7, 60, 90]));
    const isChild = index > 0 && random.chance(0.35);
    const policies = this.#policies(isChild ? index : 0);
    const { schedule: _none, ...definition } = testTarget(id, () => 'done', {
      policies,
      timeoutMs: random.pick([600_000, 100_000]),
      graceMs: random.pick([0, 10_000, 60_000]),
      errors: {
        errorBackoffMs: random.pick([0, 20_000, 90_000]),
        maxConsecutiveErrors: random.pick([1, 2, 5]),
        cooldownMs: random.pick([60_000, 300_000]),
      },
    });
    return isChild ? definition : { ...definition, schedule: this.#schedule() };
  }

  #policies(parents: number): Partial<TargetPolicies> {
    const random = this.#random;
    const first = `t${random.whole(0, Math.max(0, parents - 1))}`;
    const second = `t${random.whole(0, Math.max(0, parents - 1))}`;
    const on = random.pick(['success', 'success', 'all-done', 'any-failed'] as const);
    return {
      overlap: random.pick<OverlapPolicy>([
        { kind: 'skip' },
        { kind: 'queue-one' },
        { kind: 'queue', max: 2 },
        { kind: 'cancel-running' },
        { kind: 'allow', maxConcurrent: 2 },
      ]),
      retry: {
        maxAttempts: random.whole(1, 3),
        backoffMs: random.pick([500, 8000]),
        factor: 2,
        maxBackoffMs: 60_000,
        categories: ['EXT', 'SYS', 'BAT'],
      },
      pool: random.pick(['default', 'small']),
      priority: random.whole(0, 9),
      jitterMs: random.pick([0, 0, 5000]),
      ...(parents === 0 ? {} : { dependency: { after: [...new Set([first, second])], on } }),
    };
  }

  #schedule(): Schedule {
    const random = this.#random;
    const window = parseWindow('open-30m..close+15m');
    const calendar = requireShippedCalendar(random.pick(['XKRX', 'XNYS']));
    const sessions = random.chance(0.4)
      ? { sessions: random.chance(0.5) ? { calendar } : { calendar, window } }
      : {};
    const kind = random.pick(['rate', 'rate', 'delay', 'cron', 'anchor'] as const);
    if (kind === 'anchor') return { kind, calendar, anchor: { edge: 'open', offsetMs: 5 * minuteMs } };
    if (kind === 'cron') {
      const expression = random.pick(['*/3 * * * *', '5,30 1-4 * * *', '0 * * * *', '*/20 */5 * * * *']);
      const parsed = nodeCronGrammar.parse(expression);
      if (!parsed.ok) throw new Error(expression);
      const timeZone = random.pick(['America/New_York', 'Asia/Seoul']);
      const dstGap = random.pick(['run', 'skip'] as const);
      return { kind, expression, fields: parsed.fields, timeZone, dstGap, ...sessions };
    }
    const everyMs = random.pick([10_000, minuteMs, minuteMs, 3 * minuteMs, 7 * minuteMs]);
    const phaseMs = kind === 'rate' ? random.pick([0, 1234]) : 0;
    return { kind: 'interval', everyMs, mode: kind, phaseMs, runOnStart: random.chance(0.3), ...sessions };
  }

  /** The same targets with work that takes its time on a clock and ends as it was told. */
  working(clock: VirtualClock): readonly TargetDefinition[] {
    return this.definitions.map((definition) => {
      const attempts = new Map<number, number>();
      const run = async ({
        slotMs = 0,
        signal,
      }: {
        readonly slotMs?: number;
        readonly signal: AbortSignal;
      }) => {
        const attempt = (attempts.get(slotMs) ?? 0) + 1;
        attempts.set(slotMs, attempt);
        const takesMs = this.durationMs(definition);
        if (takesMs > 0) await clock.sleep(takesMs, signal);
        if (this.outcome(definition, slotMs, attempt) === 'FAILED') throw new Error('as told');
      };
      return { ...definition, work: { kind: 'function', run } };
    });
  }
}

describe('a simulation does what the engine does', () => {
  it.each(SEEDS)('for a random configuration (%d)', async (seed) => {
    const random = new RandomCase(seed);
    const { fromMs, pools, definitions } = random;
    const clock = new VirtualClock(fromMs);
    const { store, skips } = await storeWithSkips(() => clock.now());
    await using _test = await createTestOps({
      store,
      targets: random.working(clock),
      clock,
      config: { pools },
    });
    const toMs = fromMs + 40 * minuteMs;
    await clock.advance(toMs - fromMs);
    const span = { fromMs: fromMs - 1, toMs };
    const real = slotLines(await recordedEvents(store, definitions, skips), definitions, span);
    const { durationMs, outcome } = random;
    const events = [...simulate({ definitions, pools, fromMs, toMs, durationMs, outcome })];
    // What is closed at the end the engine would look at later.
    const simulated = slotLines(events, definitions, span).filter(
      (line) => real.includes(line) || !/skip (calendar|upstream)$/.test(line),
    );
    expect(simulated).toEqual(real);
  });
});
