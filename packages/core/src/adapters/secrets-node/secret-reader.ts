import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import { Secret } from '../../kernel/secret.ts';
import type { SecretInput } from '../../ports/alert-channel.ts';
import '../../ports/plugin-errors.ts';

/** Larger files hold no password; the wrong file was named. */
const FILE_MAX_BYTES = 65_536;
/** Rights of others than the owner. */
const OTHERS_MASK = 0o077;

/** Where references lead, and who hears about it. */
export interface SecretPlaces {
  /** Name of the channel or check, for messages. */
  readonly owner: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative file names start from. */
  readonly folder: string;
  /** Called with every secret before it is given out, so that all sinks keep it out of sight. */
  remember(secret: Secret): void;
  /** A secret that others may read, or that stands in the configuration itself. */
  warn(message: string): void;
}

/**
 * Reads `{ env }`, `{ file }`, a Secret or a literal text each time it is asked, so that a changed value is seen
 * after a reload. Files lose one line break at their end. Each warning is given once.
 * @throws InputDataException INP-0504 when the variable is not set or the file cannot be read.
 */
export function secretReader(places: SecretPlaces): (reference: SecretInput) => Secret {
  const warned = new Set<string>();
  const warnOnce = (message: string): void => {
    if (warned.has(message)) return;
    warned.add(message);
    places.warn(`${places.owner}: ${message}`);
  };
  return (reference) => {
    const secret = readReference(reference, places, warnOnce);
    places.remember(secret);
    return secret;
  };
}

function readReference(
  reference: SecretInput,
  places: SecretPlaces,
  warn: (message: string) => void,
): Secret {
  if (typeof reference === 'string') {
    warn('a secret stands in the configuration as text; use { env: … } or { file: … }');
    return new Secret(places.owner, reference);
  }
  if ('env' in reference) return readVariable(reference.env, places);
  if ('file' in reference) return readSecretFile(resolve(places.folder, reference.file), places, warn);
  return reference;
}

function readVariable(name: string, { owner, env }: SecretPlaces): Secret {
  const value = env[name];
  if (value !== undefined && value !== '') return new Secret(name, value);
  const state = value === undefined ? 'not set' : 'empty';
  throw opsException(
    'INP-0504',
    `${owner}: the environment variable ${name} is ${state}; set it where the engine starts, or correct the name`,
    { data: { owner, env: name } },
  );
}

function readSecretFile(path: string, { owner }: SecretPlaces, warn: (message: string) => void): Secret {
  try {
    const { mode, size } = statSync(path);
    if (size > FILE_MAX_BYTES) throw new RangeError(`it has ${size} bytes, allowed are ${FILE_MAX_BYTES}`);
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (value === '') throw new RangeError('it is empty');
    if ((mode & OTHERS_MASK) !== 0 && process.platform !== 'win32') {
      warn(`the secret file ${path} may be read by others; set its mode to 600`);
    }
    return new Secret(path, value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw opsException('INP-0504', `${owner}: the secret file ${path} cannot be used: ${reason}`, {
      data: { owner, file: path },
      cause,
    });
  }
}
