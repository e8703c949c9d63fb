/** A value that survives JSON unchanged. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object; the shape of every payload that is stored, streamed or shown. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Writes a value in the one form that is hashed: RFC 8785 (keys in UTF-16 order, no white space).
 * @throws RangeError for a number that JSON cannot hold (NaN, Infinity).
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`canonical JSON cannot hold ${value}; use a finite number or a string`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`);
  return `{${members.join(',')}}`;
}

/**
 * Turns anything a target returned or threw into bounded JSON: unknown kinds become their name, text is cut.
 * Depth is limited to 6 and arrays to 100 entries, so that a huge result cannot fill the store.
 */
export function toJsonValue(value: unknown, depth = 6): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.length > 2000 ? `${value.slice(0, 2000)}…` : value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message.slice(0, 2000) };
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 100).map((entry) => toJsonValue(entry, depth - 1));
  const entries = Object.entries(value).slice(0, 100);
  return Object.fromEntries(
    entries.filter(([, entry]) => entry !== undefined).map(([key, entry]) => [key, toJsonValue(entry, depth - 1)]),
  );
}

function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
