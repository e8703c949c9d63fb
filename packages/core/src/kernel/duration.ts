const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

const durationText = /^(?:(\d+) ?d)? ?(?:(\d+) ?h)? ?(?:(\d+) ?m(?!s))? ?(?:(\d+) ?s)? ?(?:(\d+) ?ms)?$/;
const maxTextLength = 40;
const allowed =
  "allowed is a whole number of milliseconds, or whole numbers with units from large to small: '2d', '1h30m', '5m', '1s', '250ms'";

/**
 * Milliseconds of a duration written by a person (`'1h30m'`) or already in milliseconds (`5000`).
 * Throws a RangeError that names the value and what is allowed.
 */
export function parseDurationMs(value: string | number): number {
  const durationMs = typeof value === 'number' ? value : durationOfText(value.trim());
  if (durationMs === undefined || !Number.isSafeInteger(durationMs) || durationMs < 0) {
    const seen = typeof value === 'number' ? String(value) : `'${value.slice(0, maxTextLength)}'`;
    throw new RangeError(`${seen} is not a duration; ${allowed}`);
  }
  return durationMs;
}

function durationOfText(text: string): number | undefined {
  const match = text.length > 0 && text.length <= maxTextLength ? durationText.exec(text) : null;
  if (match === null) return undefined;
  const [, days, hours, minutes, seconds, milliseconds] = match;
  return (
    Number(days ?? 0) * unitMs.d +
    Number(hours ?? 0) * unitMs.h +
    Number(minutes ?? 0) * unitMs.m +
    Number(seconds ?? 0) * unitMs.s +
    Number(milliseconds ?? 0)
  );
}

/**
 * Short form of a measured time for tables: `250 ms`, `4.2 s`, `31 s`, `2m04`, `1h03`, `3d04h`.
 * It cuts instead of rounding, so that a row never claims more time than has passed.
 * Throws a RangeError when the number is not finite.
 */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) {
    throw new RangeError(`${durationMs} is not a duration; allowed is a finite number of milliseconds`);
  }
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  if (durationMs < unitMs.s) return `${Math.floor(durationMs)} ms`;
  if (durationMs < 10 * unitMs.s) return `${Math.floor(durationMs / 100) / 10} s`;
  if (durationMs < unitMs.m) return `${Math.floor(durationMs / unitMs.s)} s`;
  if (durationMs < unitMs.h) return pair(durationMs, 'm', 's');
  if (durationMs < unitMs.d) return pair(durationMs, 'h', 'm');
  return `${pair(durationMs, 'd', 'h')}h`;
}

function pair(durationMs: number, large: 'd' | 'h' | 'm', small: 'h' | 'm' | 's'): string {
  const rest = Math.floor((durationMs % unitMs[large]) / unitMs[small]);
  return `${Math.floor(durationMs / unitMs[large])}${large}${String(rest).padStart(2, '0')}`;
}

/**
 * Exact form of a configured time in its largest whole unit: `1 s`, `90 s`, `5 m`, `250 ms`.
 * Unlike `formatDuration` nothing is cut, because two different settings must never look alike.
 */
export function formatExactDuration(durationMs: number): string {
  for (const [unit, sizeMs] of Object.entries(unitMs)) {
    if (durationMs >= sizeMs && durationMs % sizeMs === 0) return `${durationMs / sizeMs} ${unit}`;
  }
  return `${durationMs} ms`;
}
