import type { AlertChannelDefinition } from './alert-channel.ts';
import type { HealthCheckDefinition } from './health-check.ts';

/** Version of the contract between the engine and its plugins; an engine refuses a higher one and names both. */
export const PLUGIN_API_VERSION = 1;

/** Brand of plugin values; recognised instead of `instanceof`, so that two copies of this package agree. */
export const PLUGIN_BRAND = Symbol.for('qts-ops.plugin');

/** What a user puts into `plugins` of the config: `slack({...})`, `disk({...})`. A value, not a registration. */
export interface Plugin {
  readonly [PLUGIN_BRAND]: 'plugin';
  /** Unique in the config; a channel or check is named after it: `slack`, `email`, `disk`. */
  readonly id: string;
  readonly apiVersion: number;
  readonly channels?: readonly ConfiguredChannel[];
  readonly checks?: readonly ConfiguredCheck[];
}

/** A channel with its options; the options were parsed when the plugin value was made. */
export interface ConfiguredChannel {
  readonly id: string;
  readonly definition: AlertChannelDefinition;
  readonly options: unknown;
}

/** A check with its options and what the user said about how it is judged. */
export interface ConfiguredCheck {
  readonly id: string;
  readonly definition: HealthCheckDefinition;
  readonly options: unknown;
  /** `critical`, `intervalMs`, `failuresToAlert`, …; checked by the engine's config. */
  readonly policy: Readonly<Record<string, unknown>>;
}
