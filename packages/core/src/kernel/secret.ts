const VALUES = new WeakMap<Secret, string>();

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
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  get [Symbol.toStringTag](): string {
    return 'Secret';
  }
}

/** Replaces every given secret value in a text by `[secret]`; values under 4 characters are left, they hide nothing. */
export function redact(text: string, secrets: readonly Secret[]): string {
  // Longest first: a value that begins with another one would otherwise leave its end visible.
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value.length >= 4);
  let clean = text;
  for (const value of values.toSorted((a, b) => b.length - a.length)) clean = clean.replaceAll(value, '[secret]');
  return clean;
}
