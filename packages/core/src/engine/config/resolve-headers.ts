import type { HttpWork } from '../../ports/target.ts';
import type { ConfigPlace } from './config-place.ts';
import { isRawObject, reportUnknownKeys } from './read-fields.ts';
import { isReference, type ResolveScope, readSecret, speaksOfSecret } from './resolve-scope.ts';

/** Headers the engine sets itself, or that belong to the connection. */
const reservedHeaders =
  /^(x-qts-.*|idempotency-key|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer)$/;
const secretHeaders = ['authorization', 'proxy-authorization', 'cookie'];
/** What a header may hold on the wire: no control characters, nothing beyond Latin-1. */
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers of a request, by name in lower case; what cannot be used is reported and left out. */
export function readHeaders(value: unknown, place: ConfigPlace, scope: ResolveScope): HttpWork['headers'] {
  const headers: Record<string, string> = {};
  if (value === undefined) return headers;
  if (!isRawObject(value)) {
    place.report({
      value: '[hidden]',
      message: 'is not a set of headers',
      allowed: "names with a text or a reference: { Accept: 'text/csv', Authorization: { env: 'TOKEN' } }",
      remedy: 'write one entry for each header',
    });
    return headers;
  }
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    const key = name.toLowerCase();
    const at = place.child(name);
    const text = isHeaderName(key, at, headers) ? readHeader(key, entry, { at, scope }) : undefined;
    if (text !== undefined) headers[key] = text;
  }
  return headers;
}

function isHeaderName(key: string, place: ConfigPlace, known: HttpWork['headers']): boolean {
  const reserved = reservedHeaders.test(key);
  const doubled = Object.hasOwn(known, key);
  if (!reserved && !doubled && /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(key)) return true;
  const problem = reserved
    ? 'is set by the engine or by the connection'
    : `is ${doubled ? 'written twice' : 'not a name of a header'}`;
  place.report({
    value: key,
    message: `${place.show(key)} ${problem}`,
    allowed:
      "letters, digits and '-', each name once; not X-QTS-…, Idempotency-Key, Content-Length, Connection",
    remedy: 'remove the header or choose another name',
  });
  return false;
}

function readHeader(
  key: string,
  entry: unknown,
  { at, scope }: { readonly at: ConfigPlace; readonly scope: ResolveScope },
): string | undefined {
  if (typeof entry === 'string' && headerText.test(entry)) {
    if (!secretHeaders.includes(key) && !speaksOfSecret(key)) return entry;
    at.report({
      value: '[hidden]',
      message: 'a secret is not written into a config',
      allowed: "a reference: { env: 'TOKEN' }, or { env: 'TOKEN', prefix: 'Bearer ' }",
      remedy: 'put the value into an environment variable of the engine and name it here',
    });
    return undefined;
  }
  if (isReference(entry)) return readReference(entry, at, scope);
  at.report({
    value: '[hidden]',
    message: 'is not a text or a reference',
    allowed: "a text on one line, or { env: 'NAME' } for the value of the engine's own variable NAME",
    remedy: 'put numbers and true or false in quotes',
  });
  return undefined;
}

function readReference(
  entry: { readonly env: string; readonly prefix?: unknown },
  place: ConfigPlace,
  scope: ResolveScope,
): string | undefined {
  reportUnknownKeys({ ...entry }, ['env', 'prefix'], place);
  const secret = readSecret(entry.env, place, scope);
  if (secret === undefined) return undefined;
  const text = `${typeof entry.prefix === 'string' ? entry.prefix : ''}${secret.reveal()}`;
  if (headerText.test(text)) return text;
  place.report({
    value: entry.env,
    message: `the environment variable ${entry.env} holds a character that no header can`,
    allowed: 'a text on one line, without line breaks and beyond Latin-1',
    remedy: 'look for a line break at the end of the value',
  });
  return undefined;
}
