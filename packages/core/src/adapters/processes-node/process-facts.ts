import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { ProcessIdentity } from '../../ports/processes.ts';

const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';
const PS_OPTIONS = {
  env: { ...process.env, LC_ALL: 'C' },
  encoding: 'utf8',
  maxBuffer: 16 * 1024 * 1024,
} as const;

/** What the system says about one process. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  readonly pgid: number;
  /** Session; a run is its own session, so that background jobs with groups of their own are found by it. */
  readonly session: number;
  /** Linux: kernel ticks since boot. Elsewhere: seconds since 1970. Grows with the start, never changes. */
  readonly startTick: number;
  /** True for a process that has ended and waits to be collected by its parent. */
  readonly ended: boolean;
}

/** Which run a process belongs to, as its environment says. */
export interface RunMark {
  readonly executionId: string;
  readonly stateFolder: string;
}

/** Where facts about processes come from. */
export interface ProcessSource {
  /** Identity of this boot; a word that never matches a later boot, or `unknown` where the system has none. */
  bootId(): string;
  /** One process; absent when there is none. */
  read(pid: number): ProcessFacts | undefined;
  /** Every process that can be seen. Yields to the event loop now and then. */
  list(): Promise<readonly ProcessFacts[]>;
  /** The run a process belongs to; absent when it belongs to none, may not be looked at, or the system does not tell. */
  runMark(pid: number): RunMark | undefined;
}

/** Linux: everything from /proc. */
export const linuxProcesses: ProcessSource = {
  bootId: () => readOrEmpty('/proc/sys/kernel/random/boot_id').trim() || 'unknown',
  read: (pid) => parseStat(readOrEmpty(`/proc/${pid}/stat`)),
  list: async () => {
    const facts: ProcessFacts[] = [];
    const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    for (const [index, name] of names.entries()) {
      // One read takes about 30 µs: a machine with thousands of processes must not hold up the event loop.
      if (index % 64 === 63) await setImmediate();
      const found = parseStat(readOrEmpty(`/proc/${name}/stat`));
      if (found !== undefined) facts.push(found);
    }
    return facts;
  },
  runMark: (pid) => parseRunMark(readOrEmpty(`/proc/${pid}/environ`)),
};

/**
 * Other POSIX systems: `ps`. It tells no environment, so processes that left their group are not found,
 * and start times have a resolution of one second.
 */
export const psProcesses: ProcessSource = {
  bootId: () => commandOutput('sysctl', ['-n', 'kern.bootsessionuuid']).trim() || 'unknown',
  read: (pid) => parsePs(commandOutput('ps', ['-o', PS_COLUMNS, '-p', String(pid)]))[0],
  list: () =>
    new Promise((resolve) => {
      execFile('ps', ['-A', '-o', PS_COLUMNS], PS_OPTIONS, (_error, stdout) => resolve(parsePs(stdout)));
    }),
  runMark: () => undefined,
};

/** The source of the system we run on. */
export const systemProcesses: ProcessSource = process.platform === 'linux' ? linuxProcesses : psProcesses;

/** This process as others may prove it dead. */
export function selfIdentity(): ProcessIdentity {
  const startTick = systemProcesses.read(process.pid)?.startTick ?? 0;
  return { host: hostname(), bootId: systemProcesses.bootId(), pid: process.pid, startTick };
}

/** Fields of proc(5) after the name, which is in parentheses and may itself hold spaces and parentheses. */
function parseStat(text: string): ProcessFacts | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, pgid, session] = fields;
  const startTick = Number(fields[19]);
  if (state === undefined || !Number.isSafeInteger(startTick)) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    parentPid: Number(parentPid),
    pgid: Number(pgid),
    session: Number(session),
    startTick,
    ended: state === 'Z' || state === 'X',
  };
}

function parsePs(text: string): ProcessFacts[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, pgid, state, ...started] = line.trim().split(/\s+/);
    const startMs = Date.parse(started.join(' '));
    if (pid === undefined || state === undefined || Number.isNaN(startMs)) return [];
    const ended = state.startsWith('Z');
    const group = Number(pgid);
    return [
      {
        pid: Number(pid),
        parentPid: Number(parentPid),
        pgid: group,
        session: group,
        startTick: startMs / 1000,
        ended,
      },
    ];
  });
}

function parseRunMark(environ: string): RunMark | undefined {
  const executionId = variable(environ, 'QTS_EXECUTION_ID');
  const stateFolder = variable(environ, 'QTS_OPS_STATE');
  return executionId === undefined || stateFolder === undefined ? undefined : { executionId, stateFolder };
}

/** The value of one variable in a list whose entries end with NUL. */
function variable(environ: string, name: string): string | undefined {
  const list = `\0${environ}`;
  const at = list.indexOf(`\0${name}=`);
  if (at < 0) return undefined;
  const start = at + name.length + 2;
  const end = list.indexOf('\0', start);
  return list.slice(start, end < 0 ? undefined : end);
}

/** A process may end, or forbid a look at it, at any moment: that is an answer, not a failure. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function commandOutput(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { ...PS_OPTIONS, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
