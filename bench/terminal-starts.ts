import { type BenchRow, type Effort, median, rest } from './bench-row.ts';
import { PtyProgram } from './pty-program.ts';
import type { Subject } from './terminal-subjects.ts';

/** What one start took. */
interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Prints the processor time of a Node that does nothing. */
const BARE = [
  process.execPath,
  '-e',
  `const { user, system } = process.cpuUsage(); process.stdout.write('used ' + (user + system) + '.');`,
];

/** How long each program takes to its first picture of data, on a terminal of its own, beside Node alone. */
export async function measureStarts(
  subjects: readonly Subject[],
  effort: Effort,
): Promise<readonly BenchRow[]> {
  const taken = new Map<string, Start[]>();
  const keep = (name: string, start: Start) => taken.set(name, [...(taken.get(name) ?? []), start]);
  // Long enough for the compiled code to be kept for the next start.
  for (const subject of subjects) await startOnce(subject, 2000);
  for (let round = 0; round < (effort === 'full' ? 9 : 2); round++) {
    keep('bare', await startBare());
    for (const subject of subjects) keep(subject.name, await startOnce(subject, 0));
  }
  return rowsOf(subjects, (name, value) => median((taken.get(name) ?? []).map(value)));
}

async function startOnce(subject: Subject, stayMs: number): Promise<Start> {
  const program = new PtyProgram(subject.command, subject.environment);
  const start = await program.painted(subject.firstData);
  await rest(stayMs);
  await program.end();
  return start;
}

async function startBare(): Promise<Start> {
  const program = new PtyProgram(BARE);
  const { wallMs, found } = await program.painted(/used (\d+)\./);
  await program.end();
  return { wallMs, cpuMs: Number(found) / 1000 };
}

function rowsOf(
  [ours, ...others]: readonly Subject[],
  middle: (name: string, value: (start: Start) => number) => number,
): readonly BenchRow[] {
  if (ours === undefined) return [];
  const bareCpuMs = middle('bare', ({ cpuMs }) => cpuMs);
  const ratio = (name: string) => middle(name, ({ cpuMs }) => cpuMs) / bareCpuMs;
  const wall = (name: string) => middle(name, ({ wallMs }) => wallMs);
  return [
    {
      id: 'start-cpu',
      name: 'qts-tui: processor time until the first data are painted, beside Node alone',
      value: ratio(ours.name),
      unit: 'x',
      better: 'less',
      peers: others.map(({ name }) => ({ name, value: ratio(name) })),
      limit: { name: `Node alone (${bareCpuMs.toFixed(0)} ms)`, value: 1 },
      goal: 6,
    },
    {
      id: 'start-wall',
      name: 'qts-tui: from the start of the process until the first data are painted',
      value: wall(ours.name),
      unit: 'ms',
      better: 'less',
      peers: others.map(({ name }) => ({ name, value: wall(name) })),
      limit: { name: 'Node alone', value: wall('bare') },
      goal: 150,
    },
  ];
}
