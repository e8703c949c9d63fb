import { Secret } from '../../kernel/secret.ts';
import type { ConfigPlace } from './config-place.ts';
import type { CalendarShelf } from './resolve-calendars.ts';

/** What the readers of a config's parts share. */
export interface ResolveScope {
  /** Variables that secrets may refer to. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Start of the example dates in messages, ms UTC. */
  readonly nowMs: number;
  /** Absolute folder that relative paths are resolved against; absent: they are kept as written. */
  readonly folder?: string;
  /** Zone of cron targets without their own. */
  readonly timeZone: string;
  /** Secrets found so far, by variable. */
  readonly secrets: Map<string, Secret>;
  /** Trading calendars that targets may name. */
  readonly calendars: CalendarShelf;
}

const secretName = /secret|token|passw|credential|api_?key|access_?key|private|webhook/i;
const minHiddenLength = 8;

/** Whether a name says that its value is a secret. */
export function speaksOfSecret(name: string): boolean {
  return secretName.test(name.replaceAll('-', '_'));
}

/** Whether a value names the variable that holds what is meant. */
export function isReference(value: unknown): value is { readonly env: string; readonly prefix?: unknown } {
  return typeof value === 'object' && value !== null && 'env' in value && typeof value.env === 'string';
}

/**
 * Values that no message about a config may show: variables whose name speaks of a secret, and every variable
 * the config refers to. A TypeScript config may have copied one of them to any place.
 */
export function hiddenValues(input: unknown, env: ResolveScope['env']): readonly Secret[] {
  const referred = new Set<string>();
  collectReferences(input, referred, 8);
  const hidden: Secret[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const spoken = secretName.test(name) && value.length >= minHiddenLength;
    if (spoken || referred.has(name)) hidden.push(new Secret(name, value));
  }
  // A value that contains another one is removed first, so that no rest of it stays.
  return hidden.sort((a, b) => b.reveal().length - a.reveal().length);
}

function collectReferences(value: unknown, names: Set<string>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return;
  if ('env' in value && typeof value.env === 'string') names.add(value.env);
  for (const entry of Object.values(value)) collectReferences(entry, names, depth - 1);
}

/** The secret a reference names; undefined when the variable is not set, which is reported with its name only. */
export function readSecret(name: string, place: ConfigPlace, scope: ResolveScope): Secret | undefined {
  const known = scope.secrets.get(name);
  if (known !== undefined) return known;
  const value = scope.env[name];
  if (value === undefined || value === '') {
    place.report({
      value: name,
      message: `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`,
      allowed: 'the name of a variable that is set where the engine starts',
      remedy: `set ${name} in the service's environment, or correct the name`,
    });
    return undefined;
  }
  const secret = new Secret(name, value);
  scope.secrets.set(name, secret);
  return secret;
}
