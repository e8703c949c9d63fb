import { daysFromCivil, daysInMonth } from '../../kernel/time/civil.ts';
import { localToInstants, segmentReaching } from '../../kernel/time/zone.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PARTS: Readonly<Record<string, string>> = {
  '{yyyy}': '(?<year>\\d{4})',
  '{MM}': '(?<month>\\d{2})',
  '{dd}': '(?<day>\\d{2})',
  '{HH}': '(?<hour>\\d{2})',
};

/**
 * Compiles a date pattern such as `{yyyy}-{MM}-{dd}`, `date={yyyy}{MM}{dd}` or `{yyyy}/{MM}/{dd}/{HH}` into a reader of paths. The instant
 * is the end of the named hour, day or month in the market's zone, so that a day is never shorter than it was there.
 * Of several dates in one path the latest counts.
 * @throws RangeError naming the pattern and what is allowed.
 */
export function compilePathDate(pattern: string, zone: string): (path: string) => number | undefined {
  const expression = expressionOf(pattern);
  return (path) => {
    let latestMs: number | undefined;
    for (const { groups } of path.matchAll(expression)) {
      const endMs = endOf(groups ?? {}, zone);
      if (endMs !== undefined && (latestMs === undefined || endMs > latestMs)) latestMs = endMs;
    }
    return latestMs;
  };
}

function expressionOf(pattern: string): RegExp {
  const pieces = pattern.split(/(\{(?:yyyy|MM|dd|HH)\})/);
  const tokens = pieces.filter((piece) => piece in PARTS).join(' ');
  if (!['{yyyy} {MM}', '{yyyy} {MM} {dd}', '{yyyy} {MM} {dd} {HH}'].includes(tokens)) {
    throw new RangeError(
      `'${pattern}' is not a date pattern; allowed are {yyyy} and {MM}, then {dd}, then {HH}, once each in this order, ` +
        "with other characters around them: '{yyyy}-{MM}-{dd}', 'date={yyyy}{MM}{dd}', '{yyyy}/{MM}'",
    );
  }
  const source = pieces.map((piece) => PARTS[piece] ?? escapeText(piece)).join('');
  // A longer number is something else: `20261120` is not found inside `420261120`.
  return new RegExp(`(?<!\\d)${source}(?!\\d)`, 'g');
}

function endOf(groups: Readonly<Record<string, string | undefined>>, zone: string): number | undefined {
  const year = Number(groups['year']);
  const month = Number(groups['month']);
  const day = groups['day'] === undefined ? undefined : Number(groups['day']);
  const hour = groups['hour'] === undefined ? undefined : Number(groups['hour']);
  if (month < 1 || month > 12) return undefined;
  const lastDay = daysInMonth(year, month);
  if ((day !== undefined && (day < 1 || day > lastDay)) || (hour !== undefined && hour > 23))
    return undefined;
  const dayStartMs = daysFromCivil(year, month, day ?? lastDay) * DAY_MS;
  const endMs = dayStartMs + (hour === undefined ? DAY_MS : (hour + 1) * HOUR_MS);
  // Where the clock is set back at that moment the later instant protects longer; where it is set forward over it, the jump is the end.
  return localToInstants(zone, endMs).at(-1) ?? segmentReaching(zone, endMs).startMs;
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
