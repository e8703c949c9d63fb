import { opendir, readFile } from 'node:fs/promises';
import { codeOf } from '../look/trouble.ts';

/** One process as /proc tells it. Its pid may be given to another one later, its start never. */
export interface SeenProcess {
  readonly pid: number;
  /** Short name, at most 15 bytes. */
  readonly name: string;
  /** `R`, `S`, `D`, `Z`, … */
  readonly state: string;
  /** Clock ticks from the start of the machine, 100 a second. */
  readonly startTick: number;
}

/** Ticks a second in which Linux tells the start of a process, on every platform that Node runs on. */
export const TICKS_PER_SECOND = 100;

const PROCESSES_MAX = 100_000;

/** One process; undefined when there is none of that number. */
export async function readProcess(pid: number): Promise<SeenProcess | undefined> {
  const text = await readIfRunning(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name stands in brackets and may hold brackets and blanks itself.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const rest = text.slice(close + 2).split(' ');
  return {
    pid,
    name: text.slice(open + 1, close),
    state: rest[0] ?? '?',
    startTick: Number(rest[19]),
  };
}

/** All processes of a name: the short name, or the file name of the program it was started as. */
export async function findProcesses(name: string, signal: AbortSignal): Promise<readonly SeenProcess[]> {
  const found: SeenProcess[] = [];
  let seen = 0;
  for await (const entry of await opendir('/proc')) {
    if (!/^\d+$/.test(entry.name)) continue;
    seen += 1;
    if (signal.aborted || seen > PROCESSES_MAX) break;
    const process = await readProcess(Number(entry.name));
    if (process === undefined) continue;
    if (process.name === name || (await programOf(process.pid)) === name) found.push(process);
  }
  return found;
}

/** Seconds the machine has been up. */
export async function uptimeSeconds(): Promise<number> {
  return Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
}

async function programOf(pid: number): Promise<string | undefined> {
  const line = await readIfRunning(`/proc/${pid}/cmdline`);
  return line?.split('\0')[0]?.split('/').at(-1);
}

/** A process may end between two calls; that is no error. */
async function readIfRunning(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
