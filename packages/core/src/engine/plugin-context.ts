import { dirname } from 'node:path';
import { secretReader } from '../adapters/secrets-node/secret-reader.ts';
import { redact, type Secret } from '../kernel/secret.ts';
import type { LastPing, PluginContext } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { namedSecrets, rememberSecret } from './config/named-secrets.ts';
import type { EngineParts } from './engine-parts.ts';
import { guardLogger } from './guarded-sinks.ts';

/** What all channels and checks of one engine share. */
export interface PluginSurroundings {
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'now'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the configuration; relative secret files start there. */
  readonly folder: string;
  /** Aborts when the engine ends. */
  readonly signal: AbortSignal;
  /** Grows with every secret that a plugin reads; the engine's sinks redact by the same list. */
  readonly secrets: Secret[];
  readonly lastPing?: ((key: string) => LastPing | undefined) | undefined;
  readonly pingsOverNetwork?: ((key: string) => boolean) | undefined;
}

/** The same for every channel and check of one engine. */
export function engineContexts(
  parts: Pick<EngineParts, 'logger' | 'clock' | 'env' | 'config' | 'stateFolder'>,
  around: Pick<PluginSurroundings, 'secrets' | 'lastPing' | 'pingsOverNetwork' | 'signal'>,
): (owner: string) => PluginContext {
  const { logger, clock, env = {}, config, stateFolder } = parts;
  const folder = config.configPath === undefined ? stateFolder : dirname(config.configPath);
  const surroundings = { ...around, logger, clock, env, folder };
  // Also those that no plugin has needed yet.
  for (const secret of namedSecrets(config.watch, surroundings)) rememberSecret(around.secrets, secret);
  return (owner) => createPluginContext(owner, surroundings);
}

/** What one channel or check is given; its log lines say whose they are and show no secret. */
export function createPluginContext(owner: string, around: PluginSurroundings): PluginContext {
  const logger = guardLogger(around.logger, around.secrets);
  return {
    log: {
      debug: (message, fields) => logger.debug(message, { plugin: owner, ...fields }),
      info: (message, fields) => logger.info(message, { plugin: owner, ...fields }),
      warn: (message, fields) => logger.warn(message, { plugin: owner, ...fields }),
      error: (message, fields) => logger.error(message, { plugin: owner, ...fields }),
    },
    now: () => around.clock.now(),
    redact: (text) => redact(text, around.secrets),
    signal: around.signal,
    ...(around.lastPing === undefined ? {} : { lastPing: around.lastPing }),
    ...(around.pingsOverNetwork === undefined ? {} : { pingsOverNetwork: around.pingsOverNetwork }),
    secret: secretReader({
      owner,
      env: around.env,
      folder: around.folder,
      remember: (secret) => rememberSecret(around.secrets, secret),
      warn: (message) => logger.warn(message, { plugin: owner }),
    }),
  };
}
