import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that the demo has started. */
export interface ChildProgram {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** Resolves when the program has ended; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Absent while the program runs. */
  readonly end: ProgramEnd | undefined;
  /** The last lines that this program has written. */
  lastLines(): string;
  signal(signal: NodeJS.Signals): void;
}

/** What to start. */
export interface ChildRequest {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the program's log. */
  readonly logFolder: string;
  /** True for a program that is meant to outlive a killed demo. */
  readonly independent?: boolean;
}

const endWithParent = new URL('./end-with-parent.ts', import.meta.url).href;
const LARGEST_LOG_BYTES = 1024 * 1024;
const SHOWN_LINES = 12;

/** Arguments and channel that make a program end when this process is gone. */
export const BOUND_TO_PARENT = { args: ['--import', endWithParent], channel: 'ipc' } as const;

/**
 * Starts Node in a session of its own, so that Ctrl-C and a closed terminal reach only the demo, which then decides
 * in which order everything ends. Output goes to a log file.
 */
export function startChild({ name, args, env, logFolder, independent = false }: ChildRequest): ChildProgram {
  const logPath = join(logFolder, `${name}.log`);
  const log = openLog(logPath);
  const { size: startByte } = fstatSync(log);
  const bound = independent ? [] : BOUND_TO_PARENT.args;
  const child = spawn(process.execPath, [...bound, ...args], {
    detached: true,
    stdio: independent ? ['ignore', log, log] : ['ignore', log, log, BOUND_TO_PARENT.channel],
    env,
  });
  closeSync(log);
  if (independent) child.unref();
  const ended = once(child, 'exit').then(
    // What 'exit' is documented to carry.
    ([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }),
    () => ({ code: null, signal: null }),
  );
  return {
    name,
    pid: child.pid ?? 0,
    logPath,
    ended,
    get end() {
      const { exitCode: code, signalCode: signal, pid } = child;
      return pid === undefined || code !== null || signal !== null ? { code, signal } : undefined;
    },
    lastLines: () => {
      const text = readFileSync(logPath).subarray(startByte).toString('utf8');
      return text.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Bounded: a log that has grown large is set aside, one generation. */
function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LARGEST_LOG_BYTES) renameSync(path, `${path}.previous`);
  return openSync(path, 'a', 0o600);
}
