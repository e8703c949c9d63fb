import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { STORE_FILE } from '../packages/core/src/index.ts';
import { withFolder } from './bench-folder.ts';
import { type Bench, type BenchRow, type Effort, median, rest } from './bench-row.ts';
import { DAEMON_BUILD, endProcess, startDaemon } from './daemon-process.ts';
import { measureStarts } from './engine-starts.ts';
import { useOf } from './process-meter.ts';

/** What a running engine takes from its machine. */
export const engineFootprint: Bench = {
  name: 'engine-footprint',
  about: `a real \`qts-ops run\` (${DAEMON_BUILD}): processor, memory, commits, bytes; its start; orphans after kill -9`,
  run: async (effort) => {
    const rows: BenchRow[] = [];
    for (const load of LOADS) rows.push(...(await withFolder((folder) => measureLoad(folder, load, effort))));
    return [...rows, ...(await withFolder((folder) => measureStarts(folder, effort)))];
  },
};

interface Load {
  readonly targets: number;
  readonly everySeconds: number;
  readonly watchedMs: number;
  /** The most it may take: percent of one processor, MiB. */
  readonly goals: { readonly cpu: number; readonly memory: number };
}

const LOADS: readonly Load[] = [
  { targets: 0, everySeconds: 1, watchedMs: 10_000, goals: { cpu: 0.3, memory: 120 } },
  { targets: 100, everySeconds: 1, watchedMs: 15_000, goals: { cpu: 5, memory: 140 } },
  { targets: 1000, everySeconds: 10, watchedMs: 20_000, goals: { cpu: 5, memory: 160 } },
];

/** What happened in one window of time. */
interface Window {
  readonly cpuPercent: number;
  readonly memoryMb: number;
  readonly writtenPerSecond: number;
}

async function measureLoad(folder: string, load: Load, effort: Effort): Promise<readonly BenchRow[]> {
  const { targets, everySeconds } = load;
  const configPath = join(folder, 'qts-ops.config.ts');
  writeFileSync(configPath, configText(targets, everySeconds));
  const stateFolder = join(folder, 'state');
  const daemon = await startDaemon(configPath, stateFolder);
  const peer = spawn(process.execPath, [cronChild, String(targets), String(everySeconds)], {
    stdio: 'ignore',
  });
  try {
    // What a start leaves behind is not the daily load.
    await rest(effort === 'full' ? 3000 : 1000);
    const watchedMs = effort === 'full' ? load.watchedMs : 2000;
    const before = countWork(stateFolder);
    const [ours, others] = await watchBoth([daemon.pid, peer.pid ?? 0], watchedMs);
    const after = countWork(stateFolder);
    const seconds = watchedMs / 1000;
    const work = {
      commits: (after.commits - before.commits) / seconds,
      executions: (after.executions - before.executions) / seconds,
    };
    return rowsOf(load, { ours, others }, work);
  } finally {
    await daemon.end();
    await endProcess(peer, 'SIGKILL');
  }
}

const cronChild = fileURLToPath(new URL('./cron-child.ts', import.meta.url));

/** An engine has at least one target: one that nobody asks for when there is nothing to do. */
function configText(targets: number, everySeconds: number): string {
  const on = targets === 0 ? 'onDemand()' : `every('${everySeconds}s')`;
  return `import { defineConfig, every, onDemand, target } from '@qts-ops/core';
export default defineConfig({
  instance: 'bench',
  targets: Array.from({ length: ${Math.max(1, targets)} }, (_, n) =>
    target(\`target-\${n}\`, { on: ${on}, run: () => undefined })),
});
`;
}

async function watchBoth(pids: readonly [number, number], watchedMs: number): Promise<[Window, Window]> {
  const before = pids.map((pid) => useOf(pid));
  const memory = pids.map(() => [] as number[]);
  const begun = performance.now();
  while (performance.now() - begun < watchedMs) {
    await rest(Math.min(1000, watchedMs));
    for (const [n, pid] of pids.entries()) memory[n]?.push(useOf(pid).residentBytes);
  }
  const elapsedMs = performance.now() - begun;
  const windowOf = (n: 0 | 1): Window => {
    const use = useOf(pids[n]);
    return {
      cpuPercent: (100 * (use.cpuMs - (before[n]?.cpuMs ?? 0))) / elapsedMs,
      memoryMb: median(memory[n] ?? []) / 1048576,
      writtenPerSecond: ((use.writtenBytes - (before[n]?.writtenBytes ?? 0)) * 1000) / elapsedMs,
    };
  };
  return [windowOf(0), windowOf(1)];
}

/** Commits up to now, as the index of the log counts them, and rows of executions. */
function countWork(stateFolder: string): { readonly commits: number; readonly executions: number } {
  const path = join(stateFolder, STORE_FILE);
  const commits = readFileSync(`${path}-shm`).readUInt32LE(8);
  using database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('select count(*) as count from batch_execution').get();
  return { commits, executions: Number(row?.['count']) };
}

function rowsOf(
  { targets, everySeconds, goals }: Load,
  { ours, others }: { readonly ours: Window; readonly others: Window },
  work: { readonly commits: number; readonly executions: number },
): readonly BenchRow[] {
  const of =
    targets === 0 ? 'nothing to do' : `${targets.toLocaleString('en')} functions every ${everySeconds} s`;
  const peer = (value: number) => ({
    peers: [{ name: targets === 0 ? 'Node alone' : 'node-cron alone, nothing recorded', value }],
  });
  const common = { better: 'less', note: DAEMON_BUILD } as const;
  const rows: readonly BenchRow[] = [
    {
      ...common,
      id: `cpu-${targets}`,
      name: `engine with ${of}: processor`,
      value: ours.cpuPercent,
      unit: '%',
      goal: goals.cpu,
      ...peer(others.cpuPercent),
    },
    {
      ...common,
      id: `memory-${targets}`,
      name: `engine with ${of}: memory`,
      value: ours.memoryMb,
      unit: 'MiB',
      goal: goals.memory,
      ...peer(others.memoryMb),
    },
    {
      ...common,
      id: `written-${targets}`,
      name: `engine with ${of}: written to disk`,
      value: ours.writtenPerSecond / 1024,
      unit: 'KiB/s',
      ...(targets === 0 ? { goal: 0 } : {}),
    },
  ];
  if (work.executions === 0) return rows;
  return [
    ...rows,
    {
      ...common,
      id: `commits-${targets}`,
      name: `engine with ${of}: commits for one execution`,
      value: work.commits / work.executions,
      unit: 'commits',
      goal: 2,
      note: `${work.executions.toFixed(1)} executions/s, ${work.commits.toFixed(1)} commits/s, ${DAEMON_BUILD}`,
    },
  ];
}
