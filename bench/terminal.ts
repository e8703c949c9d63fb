import { join } from 'node:path';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, rest } from './bench-row.ts';
import type { Load } from './load-engine.ts';
import { cpuMsOf, useOf } from './process-meter.ts';
import { PtyProgram } from './pty-program.ts';
import { terminalRows, type Watched } from './terminal-rows.ts';
import { measureStarts } from './terminal-starts.ts';
import { htop, type Subject, screenOn, startLoad } from './terminal-subjects.ts';

/** What the screen costs, on a real terminal of 120 x 40, with 1,000 targets. */
export const terminal: Bench = {
  name: 'terminal',
  about:
    'qts-tui on a terminal of 120 x 40 over 1,000 targets, beside htop: start, bytes, processor, keys, memory',
  run: (effort) => withFolder((folder) => measure(folder, effort)),
};

const LOADS: readonly Load[] = ['idle', 'changes', 'hot'];

async function measure(folder: string, effort: Effort): Promise<readonly BenchRow[]> {
  const folderOf = (load: Load) => join(folder, load);
  const stops = await Promise.all(LOADS.map((load) => startLoad(folderOf(load), load)));
  const peer = htop(folder);
  const peers = peer === undefined ? [] : [peer];
  try {
    const starts = await measureStarts([screenOn(folderOf('idle'), folder), ...peers], effort);
    const subjects = new Map<string, Subject>(LOADS.map((load) => [load, screenOn(folderOf(load), folder)]));
    if (peer !== undefined) subjects.set('htop', peer);
    const watched = await watchAll(subjects, effort);
    const note = peer === undefined ? { note: 'htop is not installed here' } : {};
    return [...starts, ...terminalRows(watched).map((row) => ({ ...note, ...row }))];
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

/** All programs at the same time: keys in turns, then bytes and processor while nobody touches them, then memory. */
async function watchAll(
  subjects: ReadonlyMap<string, Subject>,
  effort: Effort,
): Promise<Map<string, Watched>> {
  const { settleMs, watchMs, keys, ageMs } =
    effort === 'full'
      ? { settleMs: 3000, watchMs: 30_000, keys: 60, ageMs: 60_000 }
      : { settleMs: 1000, watchMs: 3000, keys: 6, ageMs: 0 };
  const begun = performance.now();
  const programs = new Map<string, PtyProgram>();
  for (const [name, { command, environment }] of subjects)
    programs.set(name, new PtyProgram(command, environment));
  for (const [name, program] of programs) await program.painted(subjects.get(name)?.firstData ?? '');
  await rest(settleMs);
  const pressed = await pressKeys(subjects, programs, keys);
  const quiet = await watchQuietly(programs, watchMs);
  await rest(Math.max(0, begun + ageMs - performance.now()));
  const watched = new Map<string, Watched>();
  for (const [name, program] of programs) {
    const { bytesPerSecond = Number.NaN, cpuPercent = Number.NaN } = quiet.get(name) ?? {};
    const memoryMb = useOf(program.pid).residentBytes / 1048576;
    watched.set(name, { bytesPerSecond, cpuPercent, memoryMb, keysMs: pressed.get(name) ?? [] });
    await program.end();
  }
  return watched;
}

async function watchQuietly(programs: ReadonlyMap<string, PtyProgram>, watchMs: number) {
  const before = new Map([...programs].map(([name, program]) => [name, stateOf(program)]));
  await rest(watchMs);
  return new Map(
    [...programs].map(([name, program]) => {
      const [then, now] = [before.get(name) ?? stateOf(program), stateOf(program)];
      const elapsedMs = now.atMs - then.atMs;
      const bytesPerSecond = ((now.bytes - then.bytes) * 1000) / elapsedMs;
      return [name, { bytesPerSecond, cpuPercent: (100 * (now.cpuMs - then.cpuMs)) / elapsedMs }];
    }),
  );
}

function stateOf(program: PtyProgram) {
  return { atMs: performance.now(), bytes: program.bytes, cpuMs: cpuMsOf(program.pid) };
}

/** One key for each program in turn, at moments without a pattern. */
async function pressKeys(
  subjects: ReadonlyMap<string, Subject>,
  programs: ReadonlyMap<string, PtyProgram>,
  count: number,
): Promise<Map<string, number[]>> {
  const pressed = new Map<string, number[]>();
  for (let n = 0; n < count; n++) {
    for (const [name, program] of programs) {
      const key = subjects.get(name)?.keys[n % 2] ?? '';
      const tookMs = await program.press(key);
      if (tookMs !== undefined) pressed.set(name, [...(pressed.get(name) ?? []), tookMs]);
      await rest(10 + Math.random() * 40);
    }
  }
  return pressed;
}
