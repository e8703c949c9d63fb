import { type BenchRow, quantile } from './bench-row.ts';
import type { Load } from './load-engine.ts';

/** Flags on a program's first line would break it elsewhere: BusyBox has no `env -S`, Windows no `/bin/sh`. */
const MEMORY_NOTE =
  'the screen itself ends the growth of the heap once it runs; without that it was 165 MiB at the same processor time';

/** What one program did while it was watched. */
export interface Watched {
  readonly bytesPerSecond: number;
  readonly cpuPercent: number;
  readonly keysMs: readonly number[];
  readonly memoryMb: number;
}

/** Words for the loads, and the most the screen may use under each. */
const LOADS = [
  { load: 'idle', words: 'nothing changes', bytes: 5, cpu: 0.1 },
  { load: 'changes', words: '500 changes a second', bytes: 2200, cpu: 2.5 },
  { load: 'hot', words: 'every visible row changes', bytes: 8000, cpu: 3.5 },
] as const;

const KEYS = [
  { load: 'changes', words: '500 changes a second', share: 0.5, goal: 10 },
  { load: 'changes', words: '500 changes a second', share: 0.95, goal: 30 },
  { load: 'hot', words: 'every visible row changes', share: 0.95, goal: 30 },
] as const;

type Reader = (watched: Watched) => number;

/** The rows of the screen under its loads, `htop` beside each where it was watched too. */
export function terminalRows(watched: ReadonlyMap<string, Watched>): readonly BenchRow[] {
  const read = (load: Load, value: Reader) => {
    const [shown, peer] = [watched.get(load), watched.get('htop')];
    return {
      better: 'less',
      value: shown === undefined ? Number.NaN : value(shown),
      ...(peer === undefined ? {} : { peers: [{ name: 'htop at 1 s', value: value(peer) }] }),
    } as const;
  };
  const costs = LOADS.flatMap(({ load, words, bytes, cpu }): readonly BenchRow[] => {
    const name = `qts-tui, ${words}`;
    const painted = read(load, (shown) => shown.bytesPerSecond);
    const processor = read(load, (shown) => shown.cpuPercent);
    return [
      { id: `${load}-bytes`, name: `${name}: painted`, unit: 'bytes/s', goal: bytes, ...painted },
      { id: `${load}-cpu`, name: `${name}: processor`, unit: '%', goal: cpu, ...processor },
    ];
  });
  const keys = KEYS.map(
    ({ load, words, share, goal }): BenchRow => ({
      id: `key-${load}-p${100 * share}`,
      name: `qts-tui, ${words}: key to frame, ${share === 0.5 ? 'middle' : `${100 * share} of 100`}`,
      unit: 'ms',
      goal,
      ...read(load, ({ keysMs }) => quantile(keysMs, share)),
    }),
  );
  const memory: BenchRow = {
    id: 'memory',
    name: 'qts-tui, 500 changes a second: memory after a minute',
    unit: 'MiB',
    goal: 120,
    ...read('changes', (shown) => shown.memoryMb),
    note: MEMORY_NOTE,
  };
  return [...costs, ...keys, memory];
}
