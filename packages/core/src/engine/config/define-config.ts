import type {
  AnchorInput,
  CommandInput,
  ConfigInput,
  CronInput,
  DurationInput,
  HttpInput,
  HttpRequestInput,
  IntervalInput,
  IsolatedInput,
  SecretReference,
  TargetInput,
  TargetOptions,
} from './config-input.ts';
import type { KeepInput } from './keep-input.ts';

/*
 * What a `qts-ops.config.ts` is written with. Every function returns plain data, the same that YAML and JSON
 * say, so that one schema reads them all; nothing is checked before the whole config is loaded.
 */

/** Marks a value as a config and gives its author completion; returned unchanged. */
export function defineConfig(input: ConfigInput): ConfigInput {
  return input;
}

/** One target; its id must be unique in the config. */
export function target(id: string, options: TargetOptions): TargetInput {
  return { id, ...options };
}

/** Runs at a constant distance, 100 ms to 366 days. */
export function every(interval: DurationInput, options: Omit<IntervalInput, 'every'> = {}): IntervalInput {
  return { every: interval, ...options };
}

/** Runs at the wall times of a cron expression with five or six fields. */
export function cron(expression: string, options: Omit<CronInput, 'cron'> = {}): CronInput {
  return { cron: expression, ...options };
}

/** Runs once in every session of a market: `at('close+5m', { calendar: 'XKRX' })`. */
export function at(moment: string, options: Omit<AnchorInput, 'at'>): AnchorInput {
  return { at: moment, ...options };
}

/** Runs only when an operator asks for it. */
export function onDemand(): 'demand' {
  return 'demand';
}

/** Runs a program without a shell: `exec('python', ['-m', 'desk.main'])`. */
export function exec(
  command: string,
  args: readonly string[] = [],
  options: Omit<CommandInput, 'exec'> = {},
): CommandInput {
  return { exec: [command, ...args], ...options };
}

/** Runs one exported function of a module in a child process that can be killed. */
export function isolated(work: { readonly module: string | URL; readonly export: string }): IsolatedInput {
  return { isolated: { module: String(work.module), export: work.export } };
}

/** Asks a service: `http('POST https://desk.example/close')`, or with `headers`, `body`, `expectStatus` and the like. */
export function http(request: string | HttpRequestInput): HttpInput {
  return { http: request };
}

/** An act of backup and retention: `keep('backup')`, `keep('maintenance')`, `keep('drill', { full: true })`. */
export function keep(act: KeepInput['keep'], options: Omit<KeepInput, 'keep'> = {}): KeepInput {
  return { keep: act, ...options };
}

/** Refers to a secret by the environment variable that holds it. */
export function secret(reference: SecretReference): SecretReference {
  return { env: reference.env };
}

/** What counts as a failed result unless a target says otherwise: an object whose `status` is 'error' or 'failed'. */
export function defaultFailWhen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('status' in value)) return false;
  return value.status === 'error' || value.status === 'failed';
}
