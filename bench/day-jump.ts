import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../packages/core/src/adapters/clock-system/system-clock.ts';
import { createConfig } from '../packages/core/src/index.ts';
import type { Clock } from '../packages/core/src/ports/clock.ts';
import { createTestOps } from '../packages/core/src/testing/create-test-ops.ts';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, median, rest } from './bench-row.ts';

/** How long a wall clock that jumps by a day keeps an engine from doing anything else. */
export const dayJump: Bench = {
  name: 'day-jump',
  about:
    'the wall clock jumps a day ahead, all targets are due at once: the longest stretch without an event loop',
  run: (effort) => withFolder((folder) => measure(folder, effort)),
};

const DAY_MS = 86_400_000;

/** A Wednesday at noon, so that all schedules below have slots on the day that is jumped over, also on a Friday night. */
const BEGIN_MS = Date.parse('2026-07-15T12:02:00Z');

/** What has not ended by then never will, ms. */
const SETTLED_WITHIN_MS = 120_000;

interface Jump {
  /** The longest time between two turns of the event loop. */
  readonly blockedMs: number;
  /** The most its thread worked between two turns: what other processes take from it does not count. */
  readonly workedMs: number;
  /** Until every end was on record. */
  readonly settledMs: number;
}

async function measure(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const rounds = effort === 'full' ? 3 : 1;
  const counts = effort === 'full' ? [1000, 10_000] : [1000];
  const rows: BenchRow[] = [];
  for (const count of counts) {
    const taken: Jump[] = [];
    for (let round = 0; round < rounds; round++) {
      taken.push(await jumpOnce(join(folder, `${count}-${round}.db`), count));
    }
    rows.push(...rowsOf(taken, count));
  }
  return rows;
}

function rowsOf(taken: readonly Jump[], count: number): readonly BenchRow[] {
  const of = `a day's jump of the wall clock, ${count.toLocaleString('en')} targets`;
  const longest = Math.max(...taken.map(({ blockedMs }) => blockedMs));
  return [
    {
      id: `blocked-${count}`,
      name: `${of}: longest stretch in which the event loop had no turn`,
      value: median(taken.map(({ blockedMs }) => blockedMs)),
      unit: 'ms',
      better: 'less',
      goal: 50,
      note: `slots counted, runs started and ended, all on record at FULL; longest of all rounds: ${longest.toFixed(1)}`,
    },
    {
      id: `worked-${count}`,
      name: `${of}: most work in one turn of the event loop`,
      value: median(taken.map(({ workedMs }) => workedMs)),
      unit: 'ms',
      better: 'less',
      goal: 50,
      note: 'time of the thread on a processor; neighbours on the machine do not count',
    },
    {
      id: `settled-${count}`,
      name: `${of}: until every run that was due has ended on record`,
      value: median(taken.map(({ settledMs }) => settledMs)),
      unit: 'ms',
      better: 'less',
    },
  ];
}

async function jumpOnce(storePath: string, count: number): Promise<Jump> {
  let aheadMs = BEGIN_MS - systemClock.now();
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const schedules = [{ every: '5m' }, { cron: '*/5 * * * *' }, { cron: '*/5 9-17 * * 1-5' }] as const;
  const targets = Array.from({ length: count }, (_, n) => ({
    id: `target-${n}`,
    on: schedules[n % schedules.length] ?? schedules[0],
    missed: 'latest' as const,
    run: () => undefined,
  }));
  await using bench = await createTestOps({
    storePath,
    targets: createConfig({ instance: 'bench', timeZone: 'UTC', targets }).targets,
    parts: { clock },
  });
  const ended = heardAll(bench, count);
  await rest(1500);
  const turns = new TurnMeter();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await rest(50);
  delay.reset();
  turns.begin();
  const begunMs = performance.now();
  aheadMs += DAY_MS;
  await Promise.race([ended, tooLate(count)]);
  const settledMs = performance.now() - begunMs;
  await rest(500);
  delay.disable();
  return { blockedMs: delay.max / 1_000_000, workedMs: turns.end(), settledMs };
}

/** Looks at the time of this thread in every turn of the event loop. */
class TurnMeter {
  #last = 0;
  #most = 0;
  #goesOn = true;

  begin(): void {
    this.#last = threadMs();
    setImmediate(() => this.#look());
  }

  /** The most that was worked in one turn, ms. */
  end(): number {
    this.#goesOn = false;
    return this.#most;
  }

  #look(): void {
    const now = threadMs();
    this.#most = Math.max(this.#most, now - this.#last);
    this.#last = now;
    if (this.#goesOn) setImmediate(() => this.#look());
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function tooLate(count: number): Promise<never> {
  await setTimeout(SETTLED_WITHIN_MS, undefined, { ref: false });
  throw new Error(`not all of ${count} runs ended within ${SETTLED_WITHIN_MS / 1000} s`);
}

/** Resolves when `count` runs have ended well. */
function heardAll({ ops }: Awaited<ReturnType<typeof createTestOps>>, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  ops.subscribe(({ name }) => {
    if (name !== 'execution.succeeded') return;
    left -= 1;
    if (left === 0) resolve();
  });
  return promise;
}
