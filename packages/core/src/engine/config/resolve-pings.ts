import { z } from 'zod';
import type { ConfigPlace } from './config-place.ts';
import { isRawObject, readFields } from './read-fields.ts';
import { field } from './schema-fields.ts';
import type { PingDoorConfig, SecretPlace } from './watch-config.ts';

const KEYS_MAX = 500;
/** What a key may be called: what `heartbeat_in` waits for. */
const keyName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** `pings`; its keys are read one by one. */
const pingsSchema = z.strictObject({
  listen: field(
    z.string().refine((text) => readListen(text) !== undefined),
    "an address and a port such as '10.0.0.5:8787', '127.0.0.1:8787' or '[fd00::5]:8787'",
    'write the address that other hosts reach this one by; nothing but pings is answered there',
  ),
  keys: z.unknown(),
});

/** Where pings of other hosts are taken, and their secrets; what cannot be used is reported. */
export function readPings(value: unknown, place: ConfigPlace): PingDoorConfig | undefined {
  if (value === undefined) return undefined;
  const raw = isRawObject(value) ? value : { listen: value };
  const { listen } = readFields(pingsSchema, raw, place);
  const address = listen === undefined ? undefined : readListen(listen);
  const keys = readKeys(raw['keys'], place.child('keys'));
  if (address === undefined || keys === undefined) return undefined;
  return { ...address, keys };
}

function readKeys(value: unknown, place: ConfigPlace): PingDoorConfig['keys'] | undefined {
  const names = isRawObject(value) ? Object.keys(value) : [];
  if (!isRawObject(value) || names.length === 0 || names.length > KEYS_MAX) {
    place.report({
      value: '[hidden]',
      message: value === undefined ? 'is missing' : 'is no list of keys',
      allowed: `1 to ${KEYS_MAX} keys, each with its secret: { nightly: { env: 'PING_NIGHTLY' } }`,
      remedy: 'name each key that a heartbeat_in check waits for, and where its secret stands',
    });
    return undefined;
  }
  const keys: Record<string, SecretPlace> = {};
  for (const [name, entry] of Object.entries(value)) {
    if (!keyName.test(name)) reportName(name, place);
    else if (isSecretPlace(entry)) keys[name] = entry;
    else reportSecret(place.child(name));
  }
  return keys;
}

function reportName(name: string, place: ConfigPlace): void {
  place.report({
    value: name,
    message: `${place.show(name)} is not a key`,
    allowed: "1 to 100 letters, digits, '.', '_' and '-'",
    remedy: 'write the key that the heartbeat_in check waits for',
  });
}

function reportSecret(place: ConfigPlace): void {
  place.report({
    value: '[hidden]',
    message: 'is not a reference to a secret',
    allowed:
      "{ env: 'NAME' } or { file: '/path' }; the secret has 16 to 128 letters, digits, '.', '_', '~' and '-'",
    remedy: "make one with 'openssl rand -hex 24' and put it into the service's environment",
  });
}

function isSecretPlace(value: unknown): value is SecretPlace {
  if (!isRawObject(value)) return false;
  const [key, ...more] = Object.keys(value);
  const at = Object.values(value)[0];
  return more.length === 0 && (key === 'env' || key === 'file') && typeof at === 'string' && at !== '';
}

/** `host:port`; an IPv6 address stands in brackets. */
function readListen(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, six, other, digits = ''] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
