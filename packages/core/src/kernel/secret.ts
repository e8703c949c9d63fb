import type { JsonObject, JsonValue } from './json.ts';

const VALUES = new WeakMap<Secret, string>();
const FORMS = new WeakMap<Secret, readonly string[]>();

/** Values under so many characters are left: replacing them would hide nothing and damage ordinary text. */
const SECRET_MIN_CHARACTERS = 4;
const REPLACEMENT = '[secret]';

/** A value that must never be shown: it prints, logs and serialises as `[secret]`. */
export class Secret {
  /** Where the value came from, for error texts: the name of the environment variable. */
  readonly source: string;

  constructor(source: string, value: string) {
    this.source = source;
    VALUES.set(this, value);
  }

  /** The value itself; call it only where it is handed to the system that needs it. */
  reveal(): string {
    return VALUES.get(this) ?? '';
  }

  toString(): string {
    return REPLACEMENT;
  }

  toJSON(): string {
    return REPLACEMENT;
  }

  get [Symbol.toStringTag](): string {
    return 'Secret';
  }
}

/**
 * Replaces every given secret value in a text by `[secret]`, also where it stands as JSON or a URL writes it.
 * Values under 4 characters are left.
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  // Longest first: a value that begins with another one would otherwise leave its end visible.
  const forms = secrets.flatMap(secretForms).sort((a, b) => b.length - a.length);
  let clean = text;
  for (const form of forms) clean = clean.replaceAll(form, REPLACEMENT);
  return clean;
}

/** The same for every text and key inside a JSON object. */
export function redactObject(object: JsonObject, secrets: readonly Secret[]): JsonObject {
  if (secrets.length === 0) return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [redact(key, secrets), redactValue(value, secrets)]),
  );
}

function redactValue(value: JsonValue, secrets: readonly Secret[]): JsonValue {
  if (typeof value === 'string') return redact(value, secrets);
  if (typeof value === 'number') return redactNumber(value, secrets);
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return value.map((entry) => redactValue(entry, secrets));
  return redactObject(value, secrets);
}

/** A secret of digits is as secret when it was read as a number. */
function redactNumber(value: number, secrets: readonly Secret[]): JsonValue {
  const isSecret = secrets.some((secret) => secretForms(secret).includes(String(value)));
  return isSecret ? REPLACEMENT : value;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * The texts to look for: the value as it is, inside a JSON text, and inside a URL; none for a value under
 * 4 characters. Worked out once for each secret.
 */
export function secretForms(secret: Secret): readonly string[] {
  const known = FORMS.get(secret);
  if (known !== undefined) return known;
  const value = secret.reveal();
  const forms =
    value.length < SECRET_MIN_CHARACTERS
      ? []
      : [...new Set([value, JSON.stringify(value).slice(1, -1), inUrl(value)])];
  FORMS.set(secret, forms);
  return forms;
}

function inUrl(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
