import { z } from 'zod';
import type { ConfigPlace } from './config-place.ts';
import { remedyForKey } from './meant-key.ts';
import { nearestWord } from './nearest-word.ts';
import { type FieldTexts, textsOf } from './schema-fields.ts';

/** A value with string keys that is neither a list nor null. */
export type RawObject = Readonly<Record<string, unknown>>;

/** Whether a value has keys to be read. */
export function isRawObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads every field of an object that the schema describes as a whole, and reports each one that is wrong or unknown.
 * A wrong field is absent from the result, so that the others can still be checked against each other.
 */
export function readFields<S extends z.ZodObject>(
  schema: S,
  value: RawObject,
  place: ConfigPlace,
): Partial<z.output<S>> {
  const fields: Record<string, unknown> = {};
  for (const [key, fieldSchema] of Object.entries(schema.shape)) {
    if (textsOf(fieldSchema) === undefined) continue;
    const read = readValue(fieldSchema, value[key], place.child(key));
    if (read !== undefined) fields[key] = read;
  }
  reportUnknownKeys(value, Object.keys(schema.shape), place);
  // Each key was read by its own schema of the same shape.
  return fields as Partial<z.output<S>>;
}

/** Reads one value by its schema; undefined when it is absent or was reported. */
export function readValue(schema: z.core.$ZodType, value: unknown, place: ConfigPlace): unknown {
  const read = z.safeParse(schema, value);
  if (read.success) return read.data;
  const texts: FieldTexts = textsOf(schema) ?? {
    allowed: 'a value of another kind',
    remedy: 'correct the value',
  };
  const meant = texts.meant?.(value) ?? meantValue(schema, value);
  for (const { path, reason } of distinctIssues(read.error)) {
    const at = path.reduce<ConfigPlace>((outer, key) => outer.child(key), place);
    const seen = valueAt(value, path);
    at.report({
      value: seen,
      message: seen === undefined ? 'is missing' : `${at.show(seen)} ${reason}`,
      allowed: texts.allowed,
      remedy: meant === undefined ? texts.remedy : `did you mean '${meant}'?`,
    });
  }
  return undefined;
}

interface Issue {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/** One issue for each place: several rules of one value mean one mistake. */
function distinctIssues(error: z.core.$ZodError): readonly Issue[] {
  const byPath = new Map<string, Issue>();
  for (const issue of error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    const spoken = issue.code === 'custom' && issue.message.startsWith('is ');
    const key = JSON.stringify(path);
    if (!byPath.has(key)) byPath.set(key, { path, reason: spoken ? issue.message : 'is not allowed' });
  }
  return [...byPath.values()];
}

function valueAt(value: unknown, path: Issue['path']): unknown {
  let seen = value;
  for (const key of path) {
    // Lists are read by their index like objects by their keys.
    seen = typeof seen === 'object' && seen !== null ? (seen as RawObject)[key] : undefined;
  }
  return seen;
}

/** Reports keys that nobody reads; their values are not shown, because they may be anything. */
export function reportUnknownKeys(value: RawObject, allowed: readonly string[], place: ConfigPlace): void {
  for (const [key, entry] of Object.entries(value)) {
    if (entry === undefined || allowed.includes(key)) continue;
    place.child(key).report({
      value: key,
      message: `${place.show(key)} is not a known key`,
      allowed: allowed.join(', '),
      remedy: remedyForKey(key, allowed),
    });
  }
}

function meantValue(schema: z.core.$ZodType, value: unknown): string | undefined {
  if (schema instanceof z.ZodOptional) return meantValue(schema.unwrap(), value);
  if (!(schema instanceof z.ZodEnum) || typeof value !== 'string') return undefined;
  return nearestWord(value, schema.options.map(String));
}
