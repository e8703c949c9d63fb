import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { CycleLine } from './desk/cycle-log.ts';

/** What the loop's own log says about it at one moment. */
export interface LoopHealth {
  readonly status: 'ok' | 'error';
  /** One line for an operator. */
  readonly message: string;
  /** Number of the newest cycle; 0 when none is known. */
  readonly cycles: number;
}

/** Without a new cycle for so long the loop counts as standing still; its longest own back-off is shorter. */
export const STILL_AFTER_MS = 15_000;

const TAIL_BYTES = 16 * 1024;

/** The newest cycles of a data folder, oldest first, from the end of the log alone: it may hold a day of them. */
export function readLastCycles(dataDir: string): readonly CycleLine[] {
  const path = join(dataDir, 'loop-cycles.jsonl');
  if (!existsSync(path)) return [];
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const bytes = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer
      .toString('utf8', 0, bytes)
      .split('\n')
      .map(parseCycle)
      .filter((cycle) => cycle !== undefined);
  } finally {
    closeSync(fd);
  }
}

/** Judges the loop by its newest cycles; pure. */
export function judgeLoop(cycles: readonly CycleLine[], nowMs: number): LoopHealth {
  const last = cycles.at(-1);
  if (last === undefined) return { status: 'error', cycles: 0, message: 'the loop has not run yet' };
  const ageMs = nowMs - Date.parse(last.timestamp);
  const seen = { cycles: last.cycle };
  if (ageMs > STILL_AFTER_MS) {
    const age = `${Math.round(ageMs / 1_000)} s`;
    return {
      ...seen,
      status: 'error',
      message: `the loop stands still: cycle ${last.cycle} ended ${age} ago`,
    };
  }
  if (last.outcome === 'error') {
    return { ...seen, status: 'error', message: `cycle ${last.cycle} failed after ${last.durationMs} ms` };
  }
  const durations = cycles.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const median = durations[Math.floor(durations.length / 2)] ?? last.durationMs;
  return {
    ...seen,
    status: 'ok',
    message: `cycle ${last.cycle}, ${last.bars} bars, median ${median} ms, longest ${durations.at(-1)} ms`,
  };
}

/** A cycle, or nothing for the line that the tail has cut in two. */
function parseCycle(line: string): CycleLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isCycle(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCycle(value: unknown): value is CycleLine {
  return (
    typeof value === 'object' &&
    value !== null &&
    'timestamp' in value &&
    typeof value.timestamp === 'string' &&
    'cycle' in value &&
    typeof value.cycle === 'number' &&
    'durationMs' in value &&
    typeof value.durationMs === 'number' &&
    'bars' in value &&
    'outcome' in value
  );
}
