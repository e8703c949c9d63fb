import type { Progress } from '../../ports/target.ts';
import { LineReader } from './line-reader.ts';

/** Longest line of progress that is read; longer ones are ignored. */
export const PROGRESS_LINE_MAX_BYTES = 16 * 1024;
/** Most bytes of progress read per second of one child. */
export const PROGRESS_BYTES_PER_SECOND = 1024 * 1024;
const TEXT_MAX_CHARACTERS = 500;

/**
 * Turns the bytes of a progress descriptor into progress. Counts are absolute, so of the lines that arrive together
 * only the last good one is reported; lines that are not a progress object are ignored.
 */
export function progressReader(onProgress: (progress: Progress) => void): (bytes: Buffer) => void {
  const lines = new LineReader(PROGRESS_LINE_MAX_BYTES);
  return (bytes) => {
    for (const line of lines.push(bytes).reverse()) {
      const progress = parseProgress(line);
      if (progress !== undefined) {
        onProgress(progress);
        return;
      }
    }
  };
}

/** The progress a line says; absent when it is not a JSON object with a count `done` of 0 or more. */
export function parseProgress(line: string): Progress | undefined {
  const value = parseObject(line);
  const done = count(value?.['done']);
  if (value === undefined || done === undefined) return undefined;
  return {
    done,
    ...given('total', count(value['total'])),
    ...given('failed', count(value['failed'])),
    ...given('unit', shortText(value['unit'])),
    ...given('message', shortText(value['message'])),
  };
}

/** The object a line of JSON holds; absent for anything else. */
export function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Readonly<Record<string, unknown>>; // checked: neither null nor an array
  } catch {
    return undefined;
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, TEXT_MAX_CHARACTERS) : undefined;
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  // A computed key widens to string; the one key is K by construction.
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
