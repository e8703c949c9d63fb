import { readFileSync } from 'node:fs';
import {
  type CheckCall,
  type CheckFinding,
  type HealthCheckInstance,
  type Plugin,
  type PluginContext,
  redact,
  Secret,
} from '@qts-ops/core/plugin';

/** What a test changes about the surroundings of a check. */
export interface Surroundings {
  /** Values that must be hidden in what a check says. */
  readonly secrets?: readonly Secret[];
  readonly nowMs?: number;
  readonly lastPing?: PluginContext['lastPing'];
  readonly pingsOverNetwork?: PluginContext['pingsOverNetwork'];
}

/** A context as the engine gives one, on this machine's environment and files. */
export function contextOf({
  secrets = [],
  nowMs,
  lastPing,
  pingsOverNetwork,
}: Surroundings = {}): PluginContext {
  const silent = () => undefined;
  return {
    log: { debug: silent, info: silent, warn: silent, error: silent },
    now: () => nowMs ?? Date.now(),
    redact: (text) => redact(text, secrets),
    lastPing,
    pingsOverNetwork,
    signal: new AbortController().signal,
    secret: (reference) => {
      if (typeof reference === 'string') return new Secret('options', reference);
      if ('reveal' in reference) return reference;
      if ('file' in reference) return new Secret(reference.file, readFileSync(reference.file, 'utf8').trim());
      const value = process.env[reference.env];
      if (value === undefined) throw new Error(`the environment variable ${reference.env} is not set`);
      return new Secret(reference.env, value);
    },
  };
}

/** A look at the start of a check, by the clock of this machine. */
export function callOf(given: Partial<CheckCall> = {}): CheckCall {
  return { signal: new AbortController().signal, attempt: 1, nowMs: Date.now(), ...given };
}

/** Makes the check of a plugin value, as the engine does. */
export async function makeCheck(plugin: Plugin, surroundings?: Surroundings): Promise<HealthCheckInstance> {
  const [configured] = plugin.checks ?? [];
  if (configured === undefined) throw new Error('the plugin brings no check');
  return configured.definition.create(configured.options, contextOf(surroundings));
}

/** Makes a check, looks once and closes it. */
export async function lookOnce(
  plugin: Plugin,
  call?: Partial<CheckCall>,
  surroundings?: Surroundings,
): Promise<CheckFinding> {
  const check = await makeCheck(plugin, surroundings);
  try {
    return await check.check(callOf(call));
  } finally {
    await check.close?.();
  }
}

/** What is said about wrong options. */
export function problemsOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  throw new Error('the options were accepted');
}
