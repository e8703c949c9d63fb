import { formatExactDuration, parseDurationMs } from '../../kernel/duration.ts';
import { nearestWord } from './nearest-word.ts';

const unitWords: ReadonlyArray<readonly [RegExp, number]> = [
  [/^(ms|msecs?|millis|milliseconds?)$/i, 1],
  [/^(s|secs?|seconds?)$/i, 1000],
  [/^(m|mins?|minutes?)$/i, 60_000],
  [/^(h|hrs?|hours?)$/i, 3_600_000],
  [/^(d|days?)$/i, 86_400_000],
  [/^(w|wks?|weeks?)$/i, 604_800_000],
];

/** A duration within bounds as a person most likely meant it: `'5s'` for `5 sec` and for the number 5, where 5 ms are too short. */
export function meantDuration(value: unknown, minMs: number, maxMs: number): string | undefined {
  const meantMs = typeof value === 'number' ? secondsOf(value, minMs) : durationOfWords(value);
  if (meantMs === undefined || !Number.isSafeInteger(meantMs) || meantMs < minMs || meantMs > maxMs)
    return undefined;
  const text = formatExactDuration(meantMs).replace(' ', '');
  return parseDurationMs(text) === meantMs ? text : undefined;
}

/** The time zone a person most likely meant, `Asia/Seoul` for `Asia/Soul`. */
export function meantZone(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const names = Intl.supportedValuesOf('timeZone');
  // Of a city alone the name is found, too.
  const city = names.filter((name) =>
    name.toLowerCase().endsWith(`/${value.trim().toLowerCase().replaceAll(' ', '_')}`),
  );
  return city.length === 1 ? city[0] : nearestWord(value, names);
}

function secondsOf(value: number, minMs: number): number | undefined {
  return Number.isInteger(value) && value > 0 && value < minMs ? value * 1000 : undefined;
}

function durationOfWords(value: unknown): number | undefined {
  const [, amount, word] =
    typeof value === 'string' ? (/^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]{1,12})\s*$/i.exec(value) ?? []) : [];
  const unit = unitWords.find(([words]) => word !== undefined && words.test(word));
  return amount === undefined || unit === undefined ? undefined : Math.round(Number(amount) * unit[1]);
}
