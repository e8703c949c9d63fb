const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
] as const;

/** First to fifth, as weekdays of a month are counted. */
export const weekdayOrdinals = ['first', 'second', 'third', 'fourth', 'fifth'];

/** The name of a weekday, Sunday = 0. */
export function weekdayName(weekday: number): string {
  return weekdays[weekday] ?? String(weekday);
}

/** The name of a month, January = 1. */
export function monthName(month: number): string {
  return months[month - 1] ?? String(month);
}

/** `1st`, `22nd`, `13th`. */
export function ordinal(value: number): string {
  const ones = value % 10;
  const teen = Math.floor(value / 10) % 10 === 1;
  if (teen || ones === 0 || ones > 3) return `${value}th`;
  return `${value}${['st', 'nd', 'rd'][ones - 1] ?? 'th'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(texts: readonly string[], word: 'and' | 'or' = 'and'): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** A duration in its largest whole unit: `1 minute`, `90 seconds`, `12.3 seconds`. */
export function durationWords(durationMs: number): string {
  if (durationMs > 1_000 && durationMs % 1_000 !== 0) return `${durationMs / 1_000} seconds`;
  const [unit, sizeMs] = units.find(([, size]) => durationMs >= size && durationMs % size === 0) ?? [
    'second',
    1_000,
  ];
  const count = durationMs / sizeMs;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A duration after «every»: `minute`, `5 minutes`. */
export function unitWords(durationMs: number): string {
  return durationWords(durationMs).replace(/^1 /, '');
}
