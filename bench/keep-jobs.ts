import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { type BenchRow, type Effort, median } from './bench-row.ts';
import type { JobUse, KeepJob } from './keep-worker.ts';

const run = promisify(execFile);
const OUTPUT_MAX = 2 ** 26;

let worker: string | undefined;

/** Does one piece of our work in a process of its own, from built JavaScript as it is installed. */
export async function ours(job: KeepJob): Promise<JobUse> {
  worker ??= buildWorker();
  const { stdout } = await run(process.execPath, [worker, JSON.stringify(job)]);
  // The worker prints nothing else.
  return JSON.parse(stdout) as JobUse;
}

/** Node takes the types away from sources when it loads them, which costs it 40 MB that nobody has in production. */
function buildWorker(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qts-bench-worker-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const threadEntry = '../packages/core/src/adapters/files-node/batch-thread-entry.ts';
  buildSync({
    // The thread that writes files is looked for beside whoever starts it.
    entryPoints: [join(import.meta.dirname, 'keep-worker.ts'), join(import.meta.dirname, threadEntry)],
    ...{ outdir: folder, entryNames: '[name]', bundle: true },
    ...{ platform: 'node', format: 'esm', conditions: ['@qts-ops/source'] },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return join(folder, 'keep-worker.js');
}

/** Runs a line of shell; the start of the programs counts, it is a few milliseconds. */
export async function shell(line: string): Promise<number> {
  const begun = performance.now();
  await run('bash', ['-o', 'pipefail', '-c', line], { maxBuffer: OUTPUT_MAX });
  return performance.now() - begun;
}

/** The same through the `tar` package, timed without the start of Node. */
export async function nodeTar(...asked: readonly string[]): Promise<number> {
  const { stdout } = await run(process.execPath, [
    '--conditions=@qts-ops/source',
    join(import.meta.dirname, 'keep-peer.ts'),
    ...asked,
  ]);
  return Number(stdout);
}

/** True for a program that this machine has. */
export async function isInstalled(program: string): Promise<boolean> {
  return run('bash', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
}

/** `not measured: restic, borg: not installed`; nothing when all are there. */
export async function missingText(...programs: readonly string[]): Promise<string> {
  const missing: string[] = [];
  for (const program of programs) if (!(await isInstalled(program))) missing.push(program);
  return missing.length === 0 ? '' : `${missing.join(', ')}: not measured, not installed`;
}

/** Several measurements of several things, taken in turns. */
export class Rounds {
  readonly #taken = new Map<string, JobUse[]>();

  /** Takes each of them once a round, so that a neighbour's minute hits all alike. */
  async take(effort: Effort, jobs: Readonly<Record<string, () => Promise<JobUse | number>>>): Promise<void> {
    for (let round = 0; round < (effort === 'full' ? 5 : 1); round += 1) {
      for (const [name, job] of Object.entries(jobs)) {
        const use = await job();
        const whole = typeof use === 'number' ? { ms: use, cpuMs: 0, residentMb: 0 } : use;
        this.#taken.set(name, [...(this.#taken.get(name) ?? []), whole]);
      }
    }
  }

  /** Median, seconds. */
  seconds(name: string): number {
    return this.middle(name, ({ ms }) => ms) / 1000;
  }

  /** What both cores together cannot do faster: its own time on a processor, divided by the cores. */
  bound(name: string, cores: number): NonNullable<BenchRow['limit']> {
    const value = this.middle(name, ({ cpuMs }) => cpuMs) / 1000 / cores;
    return { name: `its own processor time on ${cores} full cores`, value };
  }

  residentMb(name: string): number {
    return Math.max(...(this.#taken.get(name) ?? []).map(({ residentMb }) => residentMb));
  }

  middle(name: string, value: (use: JobUse) => number): number {
    return median((this.#taken.get(name) ?? []).map(value));
  }
}

/** A peer of a row, with its median. */
export function peer(rounds: Rounds, name: string) {
  return { name, value: rounds.seconds(name) };
}

/** Removes what a job has made, outside of the time that counts. */
export function removed(path: string): string {
  if (existsSync(path)) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  return path;
}
