import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bench, type BenchRow, type Effort, quantile, type Reading } from './bench-row.ts';
import { measureNextSlots } from './next-slots.ts';
import type { SameSecond } from './same-second-child.ts';
import { measureSimulatedYear } from './simulated-year.ts';

/** What scheduling itself costs, beside node-cron and croner. */
export const scheduleCore: Bench = {
  name: 'schedule-core',
  about: 'next slots, many targets at the same second, a simulated year; beside node-cron and croner',
  run: async (effort) => [
    ...(await measureNextSlots(effort)),
    ...(await measureSimulatedYear(effort)),
    ...(await measureSameSecond(effort)),
  ],
};

const SUBJECTS = ['ours', 'node-cron', 'croner', 'bare'] as const;
type Subject = (typeof SUBJECTS)[number];

/** Seconds between two slots of one subject; a divisor of 60. */
const PERIOD = 10;

/** The second at which each subject begins, so that none disturbs another. */
const PHASES: Readonly<Record<Subject, number>> = { ours: 0, 'node-cron': 2, croner: 5, bare: 7 };

async function measureSameSecond(effort: Effort): Promise<readonly BenchRow[]> {
  const { count, slots } = effort === 'full' ? { count: 10_000, slots: 3 } : { count: 1000, slots: 1 };
  const seen = await Promise.all(
    SUBJECTS.map(async (subject) => {
      const numbers = [count, PHASES[subject], PERIOD, slots].map(String);
      return [subject, await runChild([subject, ...numbers])] as const;
    }),
  );
  for (const [subject, { calls }] of seen) {
    if (calls !== count * slots) throw new Error(`${subject}: ${calls} calls, expected ${count * slots}`);
  }
  return rowsOf(new Map(seen), `${count.toLocaleString('en')} targets at the same second`, count);
}

function rowsOf(seen: ReadonlyMap<Subject, SameSecond>, of: string, count: number): readonly BenchRow[] {
  const reading = (value: (subject: SameSecond) => number) => {
    const read = (subject: Subject): number => {
      const shown = seen.get(subject);
      return shown === undefined ? Number.NaN : value(shown);
    };
    const peers: readonly Reading[] = ['node-cron' as const, 'croner' as const].map((name) => ({
      name,
      value: read(name),
    }));
    return {
      value: read('ours'),
      peers,
      limit: { name: 'one timer that calls them all', value: read('bare') },
    };
  };
  const { limit: _nothing, ...heap } = reading((subject) => subject.heapBytesPerTarget / 1024);
  const common = { better: 'less' } as const;
  return [
    {
      ...common,
      id: `late-p50-${count}`,
      name: `${of}: how late the middle one is called`,
      unit: 'ms',
      goal: 30,
      ...reading(({ latenessMs }) => quantile(latenessMs, 0.5)),
      note: 'ours also makes ids, rows and the next state of each before it calls any; the store agrees at once',
    },
    {
      ...common,
      id: `late-max-${count}`,
      name: `${of}: how late the last one is called`,
      unit: 'ms',
      goal: 50,
      ...reading(({ latenessMs }) => maximum(latenessMs)),
    },
    {
      ...common,
      id: `cpu-${count}`,
      name: `${of}, every ${PERIOD} s: processor`,
      unit: '%',
      goal: 0.6,
      ...reading((subject) => subject.cpuPercent),
    },
    { ...common, id: `heap-${count}`, name: `${of}: heap for each`, unit: 'KiB', goal: 2, ...heap },
  ];
}

/** Spreading so many values into `Math.max` would overflow the stack. */
function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

async function runChild(options: readonly string[]): Promise<SameSecond> {
  const script = fileURLToPath(new URL('./same-second-child.ts', import.meta.url));
  const node = ['--conditions=@qts-ops/source', '--expose-gc', script, ...options];
  const { stdout } = await promisify(execFile)(process.execPath, node, { maxBuffer: 64 * 1024 * 1024 });
  // Only our own child writes it.
  return JSON.parse(stdout) as SameSecond;
}
