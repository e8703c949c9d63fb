import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { makePrivateFolder } from '@qts-ops/core/client';

/** `qts-ops run` leaves with this code when another engine holds the state folder. */
export const HELD_EXIT = 5;

/** The log of an embedded engine is put aside when it is longer. */
const LOG_MOST_BYTES = 10 * 1024 * 1024;

const LOG_LINES_SHOWN = 12;

/** An engine in a process of its own, started for this screen. */
export interface EmbeddedEngine {
  readonly pid: number;
  readonly logPath: string;
  readonly isRunning: () => boolean;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ readonly exitCode: number | undefined }>;
  /** Asks it to end: the first time it finishes running work, the second time it ends at once. */
  stop(): void;
  /** The last lines it wrote. */
  lastLines(): string;
}

/** What an engine is started with. */
export interface EngineStart {
  /** Program of the daemon package. */
  readonly bin: string;
  readonly stateFolder: string;
  /** Folder in or above which the config lies. */
  readonly cwd: string;
}

/** The program of the daemon package, or how to get it. */
export function findDaemon(): { readonly bin: string } | { readonly problem: string } {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve('@qts-ops/daemon');
    return { bin: path.join(path.dirname(entry), '..', 'bin', 'qts-ops.js') };
  } catch {
    return {
      problem: '--embedded needs the package @qts-ops/daemon; install it with: npm install @qts-ops/daemon',
    };
  }
}

/**
 * Starts `qts-ops run` for a state folder. It has its own process group and writes to a file, so that neither a key of
 * the terminal nor a slow screen can hold it up; the channel to it tells it when this process is gone, also if killed.
 * @throws when the folder cannot be made or written to; says which and what to look at.
 */
export function startEngine({ bin, stateFolder, cwd }: EngineStart): EmbeddedEngine {
  const logPath = path.join(stateFolder, 'embedded.log');
  const log = openLog(stateFolder, logPath);
  const child = spawn(process.execPath, [bin, 'run', '--end-with-parent', '--state', stateFolder], {
    cwd,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  child.channel?.unref();
  closeSync(log);
  return {
    pid: child.pid ?? -1,
    logPath,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    ended: endOf(child),
    stop: () => void child.kill('SIGTERM'),
    lastLines: () => readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n'),
  };
}

/** Opens the log of the engine; what an earlier one wrote stays, up to a size. */
function openLog(stateFolder: string, logPath: string): number {
  try {
    makePrivateFolder(stateFolder);
    if ((statSync(logPath, { throwIfNoEntry: false })?.size ?? 0) > LOG_MOST_BYTES)
      renameSync(logPath, `${logPath}.1`);
    return openSync(logPath, 'a', 0o600);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `no engine can be started: state folder ${stateFolder}: ${reason}; check its owner, its rights and free space, or name another one with --state`,
      { cause },
    );
  }
}

function endOf(child: ChildProcess): Promise<{ readonly exitCode: number | undefined }> {
  const { promise, resolve } = Promise.withResolvers<{ readonly exitCode: number | undefined }>();
  child.once('exit', (code) => resolve({ exitCode: code ?? undefined }));
  child.once('error', () => resolve({ exitCode: undefined }));
  return promise;
}
