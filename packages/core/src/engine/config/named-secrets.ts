import { secretReader } from '../../adapters/secrets-node/secret-reader.ts';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { Secret } from '../../kernel/secret.ts';
import type { SecretInput } from '../../ports/alert-channel.ts';
import type { WatchConfig } from './watch-config.ts';

/** Options nest less deep; what points back at itself ends here. */
const DEPTH_MAX = 8;

/** Where the named variables and files are. */
export interface SecretSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute folder that relative file names start from. */
  readonly folder: string;
}

/**
 * Every secret that channels, checks, the dead man's switch and pings name and that can be read now. A plugin reads its
 * secrets when it needs them; until then anything else may say them, and nobody would know that they are secret.
 * What cannot be read is for the plugin to report. Those that are `known` already come first.
 */
export function namedSecrets(
  { channels, checks, deadMan, pings }: WatchConfig,
  around: SecretSurroundings,
  known: Iterable<Secret> = [],
): readonly Secret[] {
  const found: SecretInput[] = [];
  collect(
    [...channels, ...checks].map(({ options }) => options),
    found,
    DEPTH_MAX,
  );
  collect([deadMan?.url, pings?.keys], found, DEPTH_MAX);
  const secrets = [...known];
  const remember = (secret: Secret) => rememberSecret(secrets, secret);
  const read = secretReader({ owner: 'config', ...around, remember, warn: () => undefined });
  for (const reference of found) {
    try {
      read(reference);
    } catch (error) {
      if (!isOpsException(error)) throw error;
    }
  }
  return secrets;
}

/** Adds a secret to those that are known, unless one of them has the same value. */
export function rememberSecret(secrets: Secret[], secret: Secret): void {
  if (!secrets.some((one) => one === secret || one.reveal() === secret.reveal())) secrets.push(secret);
}

function collect(value: unknown, found: SecretInput[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth === 0) return;
  if (value instanceof Secret) found.push(value);
  else if ('env' in value && typeof value.env === 'string') found.push({ env: value.env });
  else if ('file' in value && typeof value.file === 'string') found.push({ file: value.file });
  else for (const entry of Object.values(value)) collect(entry, found, depth - 1);
}
