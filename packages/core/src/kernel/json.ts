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

/** Longest text that `toJsonValue` keeps; longer ones are cut. */
const TEXT_MAX_CHARACTERS = 2000;
/** Entries of one array or object that `toJsonValue` keeps. */
const ENTRIES_MAX = 100;
/** Values in all that `toJsonValue` keeps: objects that refer to each other would otherwise multiply without end. */
const VALUES_MAX = 2000;

/**
 * Turns anything a target returned or threw into bounded JSON: unknown kinds become their name, text is cut.
 * Depth is limited to 6, arrays and objects to 100 entries, the whole to 2,000 values, so that a huge result can
 * neither fill the store nor hold up the engine. `clean` is applied to every text before it is cut. Never throws.
 */
export function toJsonValue(
  value: unknown,
  depth = 6,
  clean: (text: string) => string = (text) => text,
): JsonValue {
  return convert(value, depth, { values: VALUES_MAX, clean });
}

/** What is left of the bounds of one conversion. */
interface Room {
  values: number;
  readonly clean: (text: string) => string;
}

function convert(value: unknown, depth: number, room: Room): JsonValue {
  room.values -= 1;
  if (room.values < 0) return '[more]';
  try {
    return convertAny(value, depth, room);
  } catch {
    // A getter or a proxy of the target threw; what it would have said is not worth a failed engine.
    return '[unreadable]';
  }
}

function convertAny(value: unknown, depth: number, room: Room): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return shortText(value, room);
  // JSON has no negative zero; adding zero makes it a plain one.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value === 'bigint') return shortText(value.toString(), room);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Error) {
    return { name: shortText(String(value.name), room), message: shortText(String(value.message), room) };
  }
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) {
    return value.slice(0, ENTRIES_MAX).map((entry) => convert(entry, depth - 1, room));
  }
  return convertObject(value, depth, room);
}

/** Each member is read on its own, so that one getter that throws costs only its own value. */
function convertObject(value: object, depth: number, room: Room): JsonObject {
  const members: [string, JsonValue][] = [];
  for (const key of Object.keys(value).slice(0, ENTRIES_MAX)) {
    let member: unknown;
    try {
      member = Reflect.get(value, key);
    } catch {
      member = '[unreadable]';
    }
    if (member !== undefined) members.push([shortText(key, room), convert(member, depth - 1, room)]);
  }
  return Object.fromEntries(members);
}

function shortText(text: string, room: Room): string {
  const clean = room.clean(text);
  return clean.length > TEXT_MAX_CHARACTERS ? `${clean.slice(0, TEXT_MAX_CHARACTERS)}…` : clean;
}

function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
