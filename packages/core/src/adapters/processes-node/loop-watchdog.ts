import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FunctionWatch } from '../../run/executions/function-runner.ts';
import { LoopMemory, type LoopSuspect } from './loop-watchdog-memory.ts';

/** How long the event loop may stand still before it is reported. */
export const LOOP_BLOCKED_AFTER_MS = 5000;
const BLOCKED_AFTER_MIN_MS = 100;
const BEAT_MS = 250;

/** What the watchdog needs. */
export interface LoopWatchdogOptions {
  /** Where `loop-blocked.json` appears while the loop stands still. */
  readonly stateFolder: string;
  /** File that gets one JSON line for each report; standard error when absent. */
  readonly logPath?: string | undefined;
  /** Ms without a turn of the loop before it is reported; 100 or more. Default 5000. */
  readonly blockedAfterMs?: number | undefined;
}

/** A running watchdog. */
export interface LoopWatchdog extends FunctionWatch {
  /** Ends the watching and removes its file. */
  close(): Promise<void>;
}

/** What `loop-blocked.json` says while the event loop of an engine stands still. */
export interface LoopBlock {
  readonly pid: number;
  /** About when the loop turned last, ms UTC. */
  readonly sinceMs: number;
  /** Functions that were running then; one of them does not yield. */
  readonly suspects: readonly LoopSuspect[];
  /** Number of running functions, also those beyond the named ones. */
  readonly running: number;
  /** Where the time goes, `function (file:line)`; absent when the thread waits in the system. */
  readonly busyIn?: string;
}

/** What the worker is given. */
export interface LoopWatchdogData {
  readonly memory: SharedArrayBuffer;
  readonly blockPath: string;
  readonly logPath?: string;
  readonly blockedAfterMs: number;
  readonly pid: number;
}

/**
 * Watches the event loop from a thread of its own: a function that spins in our process cannot be stopped, but it
 * can be named, in the log and in a file that other processes read. Never keeps the process alive.
 * @throws RangeError when `blockedAfterMs` is under 100.
 */
export function startLoopWatchdog(options: LoopWatchdogOptions): LoopWatchdog {
  const blockedAfterMs = options.blockedAfterMs ?? LOOP_BLOCKED_AFTER_MS;
  if (!(blockedAfterMs >= BLOCKED_AFTER_MIN_MS)) {
    throw new RangeError(`blockedAfterMs: ${blockedAfterMs}; allowed: ${BLOCKED_AFTER_MIN_MS} or more`);
  }
  const memory = new LoopMemory();
  const blockPath = loopBlockPath(options.stateFolder);
  // What an engine left that was killed while it stood still.
  rmSync(blockPath, { force: true });
  const data: LoopWatchdogData = {
    memory: memory.buffer,
    blockPath,
    blockedAfterMs,
    pid: process.pid,
    ...(options.logPath === undefined ? {} : { logPath: options.logPath }),
  };
  const worker = startWorker(data);
  const beat = setInterval(() => memory.beat(), Math.min(BEAT_MS, blockedAfterMs / 4));
  beat.unref();
  return {
    enter: (executionId, targetId) => memory.enter(executionId, targetId),
    leave: (executionId) => memory.leave(executionId),
    close: async () => {
      clearInterval(beat);
      await worker.terminate();
      rmSync(blockPath, { force: true });
    },
  };
}

/** What a watchdog says about the engine of a state folder now; absent when its loop turns. */
export function readLoopBlock(stateFolder: string): LoopBlock | undefined {
  try {
    return JSON.parse(readFileSync(loopBlockPath(stateFolder), 'utf8')) as LoopBlock; // our own file, renamed whole
  } catch {
    return undefined;
  }
}

function loopBlockPath(stateFolder: string): string {
  return join(stateFolder, 'loop-blocked.json');
}

function startWorker(workerData: LoopWatchdogData): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./loop-watchdog-worker.${extension}`, import.meta.url), {
    workerData,
    name: 'qts-loop-watchdog',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  // Without its watchdog the engine goes on; it only loses the report.
  worker.on('error', (error) => {
    const line = { level: 'error', event: 'loop.watchdog-failed', message: error.message };
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
  });
  return worker;
}
