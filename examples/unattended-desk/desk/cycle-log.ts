import { appendFileSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileBytes, readIfPresent } from './durable-files.ts';

/** One line of `loop-cycles.jsonl`: a watcher reads from it whether the loop lives and how long its cycles take. */
export interface CycleLine {
  /** End of the cycle, ISO in UTC. */
  readonly timestamp: string;
  /** Counts from 1 and goes on across restarts, so that a gap shows. */
  readonly cycle: number;
  readonly durationMs: number;
  readonly bars: number;
  readonly outcome: 'ok' | 'error';
}

/** Writes the next line; the cycle number is added. */
export type AppendCycle = (line: Omit<CycleLine, 'cycle'>) => void;

/** Above this size the file is renamed to `loop-cycles.previous.jsonl` and begun anew: about a day of cycles. */
const LARGEST_BYTES = 8 * 1024 * 1024;

/**
 * Opens the cycle log of a data folder after its last complete line. Lines are not forced to the disk one by one:
 * a killed process loses none, and a power cut costs only telemetry.
 */
export function openCycleLog(dataDir: string): AppendCycle {
  const path = join(dataDir, 'loop-cycles.jsonl');
  const previous = join(dataDir, 'loop-cycles.previous.jsonl');
  dropPartialLine(path);
  let cycle = lastCycle(path) ?? lastCycle(previous) ?? 0;
  return (line) => {
    if (fileBytes(path) > LARGEST_BYTES) renameSync(path, previous);
    cycle++;
    const { timestamp, ...rest } = line;
    appendFileSync(path, `${JSON.stringify({ timestamp, cycle, ...rest })}\n`);
  };
}

function dropPartialLine(path: string): void {
  const text = readIfPresent(path);
  if (text === undefined || text === '' || text.endsWith('\n')) return;
  truncateSync(path, Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
}

function lastCycle(path: string): number | undefined {
  const line = readIfPresent(path)?.trimEnd().split('\n').at(-1);
  if (line === undefined || line === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    const isLine = typeof parsed === 'object' && parsed !== null && 'cycle' in parsed;
    return isLine && typeof parsed.cycle === 'number' ? parsed.cycle : undefined;
  } catch {
    return undefined;
  }
}
