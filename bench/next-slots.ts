import { Cron } from 'croner';
import { createTask } from 'node-cron';
import { createConfig } from '../packages/core/src/index.ts';
import { nextSlot, upcomingSlots } from '../packages/core/src/run/scheduler/next-slot.ts';
import type { Schedule } from '../packages/core/src/run/scheduler/schedule.ts';
import { type BenchRow, type Effort, median, timed } from './bench-row.ts';

const ZONE = 'America/New_York';
const YEAR_BEGINS_MS = Date.UTC(2026, 0, 1);
const YEAR_SLOTS = 105_120;

/** What is asked for, how many slots on end, and the most one of them may cost, µs. */
const EXPRESSIONS = [
  { id: 'second', expression: '* * * * * *', slots: 1000, goal: 1 },
  { id: 'five-minutes', expression: '*/5 * * * *', slots: 1000, goal: 1 },
  { id: 'weekdays', expression: '30 9 * * 1-5', slots: 250, goal: 1 },
  // Fifty years: how rare it is makes it dear.
  { id: 'leap-day', expression: '0 0 29 2 *', slots: 12, goal: 50 },
] as const;

/** So many answers of ours are timed together, and so many of the others. */
const ANSWERS = { ours: 6000, 'node-cron': 120, croner: 120 } as const;

/** The schedule of an expression in the zone of the bench, read as a config is read. */
export function scheduleOf(expression: string): Schedule {
  const { targets } = createConfig({
    instance: 'bench',
    timeZone: ZONE,
    targets: [{ id: 't', on: { cron: expression }, run: () => undefined }],
  });
  const schedule = targets[0]?.schedule;
  if (schedule === undefined) throw new Error(`${expression}: no schedule`);
  return schedule;
}

/** What one "when next" costs, one after another and at random instants. */
export async function measureNextSlots(effort: Effort): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { id, expression, slots, goal } of EXPRESSIONS) {
    const successive = await costsOf(successiveWork(expression, slots), effort);
    const random = await costsOf(randomWork(expression), effort);
    const name = `the next slot of \`${expression}\` in New York`;
    const common = { unit: 'µs', better: 'less' } as const;
    rows.push(
      { ...common, id: `next-${id}`, name: `${name}, one after another`, goal, ...successive },
      {
        ...common,
        id: `next-${id}-random`,
        name: `${name}, after random instants of 20 years`,
        ...random,
        note: 'node-cron answers only for now',
      },
    );
  }
  return [...rows, await measureYear(effort)];
}

interface Work {
  readonly ours: (count: number) => void;
  readonly 'node-cron'?: (count: number) => void;
  readonly croner: (count: number) => void;
}

function successiveWork(expression: string, slots: number): Work {
  const schedule = scheduleOf(expression);
  const task = createTask(expression, () => undefined, { timezone: ZONE });
  const cron = new Cron(expression, { timezone: ZONE });
  return {
    ours: inParts(slots, (count) => upcomingSlots(schedule, Date.now(), count)),
    'node-cron': inParts(slots, (count) => task.getNextRuns(count)),
    croner: inParts(slots, (count) => cron.nextRuns(count)),
  };
}

/** At most `slots` on end, then again from now on. */
function inParts(slots: number, ask: (count: number) => unknown): (count: number) => void {
  return (count) => {
    for (let left = count; left > 0; left -= slots) ask(Math.min(left, slots));
  };
}

function randomWork(expression: string): Work {
  const schedule = scheduleOf(expression);
  const cron = new Cron(expression, { timezone: ZONE });
  // The same instants for both, in an order without meaning.
  const instants = Array.from(
    { length: 997 },
    (_, n) => YEAR_BEGINS_MS + ((n * 7919) % 997) * 633_000_000 + n,
  );
  const instant = (n: number) => instants[n % instants.length] ?? 0;
  return {
    ours: (count) => {
      for (let n = 0; n < count; n++) nextSlot(schedule, instant(n));
    },
    croner: (count) => {
      for (let n = 0; n < count; n++) cron.nextRun(new Date(instant(n)));
    },
  };
}

/** Microseconds for one answer, interleaved rounds. */
async function costsOf(work: Work, effort: Effort): Promise<Pick<BenchRow, 'value' | 'peers'>> {
  const rounds = effort === 'full' ? 9 : 3;
  const taken = { ours: [] as number[], 'node-cron': [] as number[], croner: [] as number[] };
  // The first round only warms up.
  for (let round = -1; round < rounds; round++) {
    for (const name of ['ours', 'node-cron', 'croner'] as const) {
      const run = work[name];
      if (run === undefined) continue;
      const count = ANSWERS[name];
      const costUs = ((await timed(() => run(count))) * 1000) / count;
      if (round >= 0) taken[name].push(costUs);
    }
  }
  const { ours, ...others } = taken;
  const peers = Object.entries(others).flatMap(([name, costs]) =>
    costs.length === 0 ? [] : [{ name, value: median(costs) }],
  );
  return { value: median(ours), peers };
}

async function measureYear(effort: Effort): Promise<BenchRow> {
  const schedule = scheduleOf('*/5 * * * *');
  const cron = new Cron('*/5 * * * *', { timezone: ZONE });
  const [ours, croner]: [number[], number[]] = [[], []];
  const cronerSlots = effort === 'full' ? 10_000 : 1000;
  for (let round = 0; round < (effort === 'full' ? 5 : 1); round++) {
    ours.push(await timed(() => void upcomingSlots(schedule, YEAR_BEGINS_MS, YEAR_SLOTS)));
    const part = await timed(() => void cron.nextRuns(cronerSlots, new Date(YEAR_BEGINS_MS)));
    croner.push((part * YEAR_SLOTS) / cronerSlots);
  }
  return {
    id: 'year',
    name: 'all 105,120 slots of a year of `*/5 * * * *` in New York',
    value: median(ours),
    unit: 'ms',
    better: 'less',
    peers: [
      { name: `croner, worked out from ${cronerSlots.toLocaleString('en')} slots`, value: median(croner) },
    ],
    goal: 100,
  };
}
