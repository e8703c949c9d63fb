import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { secretReader } from '../adapters/secrets-node/secret-reader.ts';
import { redact, Secret } from '../kernel/secret.ts';
import type { PluginContext } from '../ports/alert-channel.ts';

/** One promise of a contract, as any test runner can run it: it rejects when the promise is not kept. */
export interface ContractCase {
  readonly title: string;
  /** Why this plugin need not keep it; then `run` is not called. */
  readonly skip?: string;
  readonly run: () => Promise<void>;
}

/** Options that must be refused, and the names its message must hold. */
export interface WrongOptions {
  readonly options: unknown;
  readonly fields: readonly string[];
}

/** Wall time that every case of a contract tells, ms UTC; a receiver may count dates from it. */
export const CONTRACT_NOW_MS = Date.UTC(2026, 10, 20, 4, 55, 4);

/** How long a case waits for something that has to happen. */
const PATIENCE_MS = 60_000;
/** How long what was opened may take to close, so that the author of a leak is not kept waiting for long. */
const CLOSED_WITHIN_MS = 10_000;
/** How often time that passes is counted, ms. */
const TURN_MS = 20;
/** How long a plugin may take for one call that should end by itself. */
const CALL_MS = 60_000;

/** What one case saw of a plugin: its context, and everything it let out. */
export interface WatchedPlugin {
  readonly context: PluginContext;
  /** Keeps a result, an error or a log line for the search for secrets. */
  note(seen: unknown): void;
  /** Fails when one of the planted secrets stands in anything noted. */
  assertNoSecrets(): void;
}

/** A context whose log keeps what it is given unchanged, so that a plugin cannot lean on the engine's own redaction. */
export function watchPlugin(
  planted: readonly string[],
  env: Readonly<Record<string, string>> = {},
): WatchedPlugin {
  const seen: unknown[] = [];
  const secrets: Secret[] = [];
  const keep = (...line: unknown[]) => void seen.push(line);
  return {
    context: {
      log: { debug: keep, info: keep, warn: keep, error: keep },
      now: () => CONTRACT_NOW_MS,
      redact: (text) => redact(text, secrets),
      signal: new AbortController().signal,
      secret: secretReader({
        owner: 'contract',
        env,
        folder: process.cwd(),
        remember: (secret) => void secrets.push(secret),
        warn: keep,
      }),
    },
    note: (one) => void seen.push(one),
    assertNoSecrets: () => assertHidden(seen, planted),
  };
}

/** Fails when one of the planted texts stands in a value, in any way a program could print it. */
export function assertHidden(value: unknown, planted: readonly string[]): void {
  const shown = [
    inspect(value, { depth: null, showHidden: true, maxStringLength: null }),
    jsonOf(value),
  ].join('\n');
  // The number says which one it is; the failure must not show it either.
  planted.forEach((secret, index) => {
    const clean = redact(shown, [new Secret('planted', secret)]);
    assert.ok(
      clean === shown,
      `secret ${index + 1} of ${planted.length} can be read in what the plugin let out`,
    );
  });
}

/** Waits until something is so; fails with `what` after `withinMs`, 60 s. */
export async function until(condition: () => boolean, what: string, withinMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(performance.now() < end, `this did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a plugin gives back; fails when it is still not done after 60 s, so that no suite hangs on it. */
export async function settled<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new assert.AssertionError({ message: 'it never ended' })), CALL_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Work that must end in time; fails as soon as it has not. Only time in which this process had its turns counts, or which
 * it spent computing: a machine that stood still blames no plugin.
 */
export async function endsWithin<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const tooLong = new assert.AssertionError({ message: 'it went on for too long' });
  const begunMs = computedMs();
  let turnsMs = 0;
  const isOver = () => Math.max(turnsMs, computedMs() - begunMs) >= limitMs;
  const timer = setInterval(() => {
    turnsMs += TURN_MS;
    if (isOver()) reject(tooLong);
  }, TURN_MS);
  try {
    const result = await Promise.race([work, promise]);
    if (isOver()) throw tooLong;
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** What this thread has computed so far, ms. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** The error a function throws or rejects with; fails when it does neither. */
export async function failureOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return assert.fail('this must be refused, but nothing was thrown');
}

/** Fails unless options are refused with an input error that names every wrong field and nothing secret. */
export async function assertRefused(
  parse: (options: unknown) => unknown,
  { options, fields }: WrongOptions,
  planted: readonly string[],
): Promise<void> {
  const error = await failureOf(() => parse(options));
  assert.ok(error instanceof Error && 'code' in error, 'the refusal has no code');
  assert.match(String(error.code), /^INP-\d{4}$/);
  for (const field of fields) assert.ok(error.message.includes(field), `the message does not name ${field}`);
  assertHidden(error, planted);
}

/** Kinds of things that keep a process alive, with how many there are. */
export function activeResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Waits until no more sockets and timers are open than before; fails and names what is left. */
export async function assertNothingLeft(before: ReadonlyMap<string, number>): Promise<void> {
  const left = () =>
    [...activeResources()].filter(
      ([kind, count]) =>
        /^(TCP|TLS|UDP|Pipe|Process|FSEvent|StatWatcher|Timeout|DNS|GetAddr)/.test(kind) &&
        count > (before.get(kind) ?? 0),
    );
  await until(
    () => left().length === 0,
    'everything that was opened is closed again',
    CLOSED_WITHIN_MS,
  ).catch((error: unknown) => {
    throw new assert.AssertionError({ message: `${String(error)}: ${left().join(', ')}` });
  });
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return ''; // a value that refers to itself; `inspect` has shown it
  }
}
