import { z } from 'zod';
import { parseDurationMs } from '../../kernel/duration.ts';
import { isValidZone } from '../../kernel/time/zone.ts';
import { meantDuration, meantZone } from './meant-value.ts';

/** What a field may hold and what to do when it holds something else. */
export interface FieldTexts {
  readonly allowed: string;
  readonly remedy: string;
  /** What a person most likely meant by a value that is wrong; undefined when there is no telling. */
  readonly meant?: (value: unknown) => string | undefined;
}

/** Names that a config gives to pools and calendars. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,39}$/;
/** What such a name may be, for messages. */
export const allowedName = "1 to 40 letters, digits, '_', '-' or '.', beginning with a letter";

/** Texts of every field that is read as a whole; fields without texts are read key by key. */
const fieldTexts = z.registry<FieldTexts>();

/** The texts of a field's schema, with or without `optional`; undefined for fields that are read key by key. */
export function textsOf(schema: z.core.$ZodType): FieldTexts | undefined {
  return schema instanceof z.ZodOptional ? textsOf(schema.unwrap()) : fieldTexts.get(schema);
}

/** A schema with the texts of its problems. */
export function field<S extends z.ZodType>(schema: S, allowed: string, remedy: string): S {
  return withTexts(schema, { allowed, remedy });
}

function withTexts<S extends z.ZodType>(schema: S, texts: FieldTexts): S {
  fieldTexts.add(schema, texts);
  return schema;
}

/** A duration within bounds, read into milliseconds. */
export function duration(minMs: number, maxMs: number, range: string) {
  const schema = z.union([z.string(), z.number()]).transform((value, context) => {
    try {
      const durationMs = parseDurationMs(value);
      if (durationMs >= minMs && durationMs <= maxMs) return durationMs;
      context.issues.push({ code: 'custom', message: 'is out of range', input: value });
    } catch {
      context.issues.push({ code: 'custom', message: 'is not a duration', input: value });
    }
    return z.NEVER;
  });
  const allowed = `a duration from ${range}, such as '250ms', '1s', '5m', '1h30m', or whole milliseconds`;
  const remedy = 'write a whole number with its unit, without a decimal point';
  return withTexts(schema, { allowed, remedy, meant: (value) => meantDuration(value, minMs, maxMs) });
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number, remedy: string) {
  return field(z.int().min(min).max(max), `a whole number from ${min} to ${max}`, remedy);
}

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T, remedy: string) {
  return field(z.enum(values), values.map((value) => `'${value}'`).join(' or '), remedy);
}

/** True or false. */
export function flag(remedy: string) {
  return field(z.boolean(), 'true or false, without quotes', remedy);
}

/** A text on one line: no control characters, not blank. */
export function line(maxLength: number, remedy: string) {
  const schema = z
    .string()
    .refine((text) => text.trim() !== '' && !/\p{Cc}/u.test(text) && Array.from(text).length <= maxLength);
  return field(schema, `a text of 1 to ${maxLength} characters on one line`, remedy);
}

/** A name that other parts of the config refer to. */
export function name(remedy: string) {
  return field(z.string().regex(namePattern), allowedName, remedy);
}

/** A text that the operating system accepts as a path or program name. */
export function path() {
  return z.string().refine((text) => text.trim() !== '' && !text.includes('\0'));
}

/** A time zone the runtime knows. */
export function zone() {
  return withTexts(z.string().refine(isValidZone, { error: 'is not a time zone' }), {
    allowed: "an IANA name such as 'Asia/Seoul', 'America/New_York' or 'UTC'",
    remedy: "correct the name; leave it out for 'UTC'",
    meant: meantZone,
  });
}
