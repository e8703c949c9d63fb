import type { JsonValue } from '../../kernel/json.ts';

/** An object with one property, or without it when the column is NULL: models are strictly absent. */
export function present<K extends string, V>(key: K, value: V | null | undefined): { readonly [P in K]?: V } {
  // A computed key widens to string; the object has exactly the key K.
  return (value === null || value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

/** JSON as it is stored; absent is NULL. */
export function toJsonText(value: JsonValue | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** The value of a JSON column; NULL is absent. */
export function fromJsonText(text: string | null): JsonValue | undefined {
  // The table's checks admit valid JSON only.
  return text === null ? undefined : (JSON.parse(text) as JsonValue);
}
