import { stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { type CheckFinding, defineHealthCheck, PLUGIN_API_VERSION } from '@qts-ops/core/plugin';
import * as z from 'zod';
import { judge } from '../look/limits.ts';
import { look } from '../look/look.ts';
import { readSmallFile } from '../look/open-file.ts';
import { exactlyOne, onlyWith } from '../look/option-rules.ts';
import { shownMs } from '../look/shown-numbers.ts';
import { codeOf, reasonOf } from '../look/trouble.ts';
import {
  findProcesses,
  readProcess,
  type SeenProcess,
  TICKS_PER_SECOND,
  uptimeSeconds,
} from './process-table.ts';

const options = z
  .strictObject({
    /** A file whose first number is the pid; either this or `name`. */
    pidFile: z.string().min(1).optional(),
    /** Name of the program without its folder; compared whole, case counts. */
    name: z.string().min(1).max(255).optional(),
    /** Fails below so many of the name; 1 when absent. */
    atLeast: z.int().min(0).max(10_000).optional(),
    /** Fails above so many of the name. */
    atMost: z.int().min(0).max(10_000).optional(),
    /** Warns once when the process is another one than at the last look. */
    warnAfterRestart: z.boolean().default(false),
    /** How long the system may take to answer, ms. */
    answerWithinMs: z.int().min(10).max(60_000).default(5_000),
  })
  .refine(...exactlyOne('pidFile', 'name'))
  .refine(...onlyWith('atLeast', 'name'))
  .refine(...onlyWith('atMost', 'name'));

/** Options of `process`: a pid file or a name. */
export type ProcessOptions = z.input<typeof options>;

/** A file written before its process began, allowing for coarse clocks, tells of an earlier process. */
const WRITTEN_LATER_MS = 10_000;

/** Who was seen at the last look. */
interface Memory {
  startTicks: ReadonlyMap<number, number> | undefined;
}

/** A process is running and is the one its pid file means. */
export const runningProcess = defineHealthCheck({
  name: 'process',
  apiVersion: PLUGIN_API_VERSION,
  options,
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 30_000, timeoutMs: 10_000 },
  create: async (given) => {
    const memory: Memory = { startTicks: undefined };
    const target = given.pidFile ?? given.name ?? '';
    return {
      check: (call) =>
        look(call, { target, answerWithinMs: given.answerWithinMs, whenLate: 'unknown' }, async (signal) => {
          if (platform() !== 'linux') {
            return { status: 'unknown', message: `${target}: processes can be looked at on Linux only` };
          }
          const { pidFile } = given;
          const sight = pidFile === undefined ? await byName(given, signal) : await byPidFile(pidFile);
          return noteRestart(sight, given, memory);
        }),
    };
  },
});

interface Sight {
  readonly finding: CheckFinding;
  readonly processes: readonly SeenProcess[];
}

async function byPidFile(path: string): Promise<Sight> {
  const none = (status: 'fail' | 'unknown', reason: string): Sight => ({
    finding: { status, message: `${path}: ${reason}` },
    processes: [],
  });
  let text: string;
  let writtenMs: number;
  try {
    [text, { mtimeMs: writtenMs }] = await Promise.all([readSmallFile(path), stat(path)]);
  } catch (error) {
    return none(codeOf(error) === 'ENOENT' ? 'fail' : 'unknown', `the pid file ${reasonOf(error)}`);
  }
  const pid = Number(/^\s*(\d{1,10})(?!\d)/.exec(text)?.[1]);
  if (!Number.isInteger(pid) || pid < 1) return none('unknown', 'the pid file does not begin with a pid');
  const process = await readProcess(pid);
  if (process === undefined) return none('fail', `process ${pid} is not running`);
  const { name, state } = process;
  if (state === 'Z' || state === 'X') return none('fail', `process ${pid} (${name}) has ended`);
  const runningMs = runningMsOf(process, await uptimeSeconds());
  const shown = `${path}: process ${pid} (${name}) is running`;
  const observations = [{ id: 'start_tick', value: process.startTick }];
  if (runningMs === undefined) {
    return { processes: [process], finding: { status: 'pass', message: shown, observations } };
  }
  if (Date.now() - runningMs > writtenMs + WRITTEN_LATER_MS) {
    return none('fail', `process ${pid} (${name}) began after the pid file was written: it is another one`);
  }
  return {
    processes: [process],
    finding: {
      status: 'pass',
      message: `${shown} for ${shownMs(runningMs)}`,
      value: Math.round(runningMs / 1_000),
      unit: 's',
      observations,
    },
  };
}

async function byName(
  { name = '', atLeast = 1, atMost }: z.output<typeof options>,
  signal: AbortSignal,
): Promise<Sight> {
  const seen = await findProcesses(name, signal);
  const processes = seen.filter(({ state }) => state !== 'Z' && state !== 'X');
  const allowed = atMost === undefined ? `${atLeast} or more` : `${atLeast} to ${atMost}`;
  return {
    processes,
    finding: {
      status: judge(processes.length, { failBelow: atLeast, failAbove: atMost }),
      message: `${name}: ${processes.length} running, allowed ${allowed}`,
      value: processes.length,
      observations: processes
        .slice(0, 10)
        .map(({ pid, startTick }) => ({ id: `start_tick_${pid}`, value: startTick })),
    },
  };
}

/** A process that is another one than before says so, once; a bad state is left as it is. */
function noteRestart(
  { finding, processes }: Sight,
  { warnAfterRestart }: { readonly warnAfterRestart: boolean },
  memory: Memory,
): CheckFinding {
  const before = memory.startTicks;
  if (processes.length === 0) return finding;
  memory.startTicks = new Map(processes.map(({ pid, startTick }) => [pid, startTick]));
  const isNew = processes.some(({ pid, startTick }) => before?.get(pid) !== startTick);
  if (before === undefined || !isNew || finding.status !== 'pass') return finding;
  const message = `${finding.message}; it began anew since the last look`;
  return { ...finding, message, status: warnAfterRestart ? 'warn' : 'pass' };
}

/**
 * How long a process has been running. Undefined in a container that is told its own uptime: starts are counted from
 * the start of the machine there too, so the two do not fit together and nothing can be said about the age.
 */
export function runningMsOf(
  { startTick }: Pick<SeenProcess, 'startTick'>,
  uptime: number,
): number | undefined {
  const runningMs = (uptime - startTick / TICKS_PER_SECOND) * 1_000;
  return runningMs < -1_000 ? undefined : Math.max(0, runningMs);
}
