import path from 'node:path';
import { shownOrigin, shownUrl } from '../../kernel/shown-url.ts';
import type { HttpWork } from '../../ports/target.ts';
import type { ConfigPlace } from './config-place.ts';
import { httpMethods, httpSchema } from './config-schema.ts';
import { isRawObject, type RawObject, readFields, reportUnknownKeys } from './read-fields.ts';
import { readHeaders } from './resolve-headers.ts';
import { isReference, type ResolveScope, readSecret } from './resolve-scope.ts';

/** Statuses that mean success unless a target says otherwise. */
const anySuccess: HttpWork['expectStatus'] = [[200, 299]];

const defaultMaxBodyBytes = 1024 * 1024;

/** What `run: { http: … }` says; undefined when it was reported. */
export function readHttp(value: RawObject, place: ConfigPlace, scope: ResolveScope): HttpWork | undefined {
  reportUnknownKeys(value, ['http'], place);
  const at = place.child('http');
  const raw = requestOf(value['http'], at);
  if (raw === undefined) return undefined;
  const { method = 'GET', maxBodyBytes, silenceTimeout, socketPath } = readFields(httpSchema, raw, at);
  const url = readUrl(raw['url'], at.child('url'), scope);
  const headers = readHeaders(raw['headers'], at.child('headers'), scope);
  const body = readBody(raw['body'], at.child('body'), { method, scope });
  const expectStatus = readExpected(raw['expectStatus'], at.child('expectStatus'));
  if (url === undefined) return undefined;
  return {
    kind: 'http',
    ...url,
    method,
    headers: { ...(body?.isJson === true ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body === undefined ? {} : { body: body.text }),
    expectStatus,
    maxBodyBytes: maxBodyBytes ?? defaultMaxBodyBytes,
    followRedirects: false,
    ...(silenceTimeout === undefined ? {} : { silenceTimeoutMs: silenceTimeout }),
    ...(socketPath === undefined ? {} : { socketPath: path.resolve(scope.folder ?? '.', socketPath) }),
  };
}

/** The long form of what was written: `'POST https://…'` means a method and a URL. */
function requestOf(value: unknown, place: ConfigPlace): RawObject | undefined {
  if (isRawObject(value)) return value;
  const match = typeof value === 'string' ? /^(?:([A-Za-z]+) +)?(\S+)$/.exec(value.trim()) : null;
  const [, method, url] = match ?? [];
  if (url !== undefined) return { url, ...(method === undefined ? {} : { method: method.toUpperCase() }) };
  place.report({
    value: shownValue(value),
    message: `${shownValue(value) === value ? place.show(value) : 'the text'} is not a request`,
    allowed: "'POST https://desk.example/close', or { url, method, headers, body, expectStatus }",
    remedy: `write one of ${httpMethods.join(', ')}, a space and the URL; GET may be left out`,
  });
  return undefined;
}

/** A text that may hold credentials is not shown. */
function shownValue(value: unknown): unknown {
  return typeof value === 'string' && /[@?#]/.test(value) ? '[hidden]' : value;
}

function readUrl(
  value: unknown,
  place: ConfigPlace,
  scope: ResolveScope,
): { readonly url: string; readonly shownUrl: string } | undefined {
  const secret = isReference(value) ? readSecret(value.env, place, scope) : undefined;
  if (isReference(value) && secret === undefined) return undefined;
  const text = secret?.reveal() ?? value;
  const parsed = typeof text === 'string' ? URL.parse(text) : null;
  const isWeb = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  const spoken = secret === undefined && parsed !== null && parsed.username + parsed.password !== '';
  if (isWeb && parsed !== null && !spoken) {
    const { href } = parsed;
    return { url: href, shownUrl: secret === undefined ? shownUrl(href) : shownOrigin(href) };
  }
  place.report({
    value: secret === undefined ? shownValue(value) : '[hidden]',
    message: urlMessage(value, spoken),
    allowed: "an absolute URL, 'http://…' or 'https://…', or { env: 'NAME' } for one that holds a secret",
    remedy: spoken
      ? "send credentials in a header: headers: { Authorization: { env: 'TOKEN' } }"
      : 'write the whole address, scheme and host included',
  });
  return undefined;
}

function urlMessage(value: unknown, spoken: boolean): string {
  if (value === undefined) return 'is missing';
  return spoken ? 'the URL holds a user name or a password' : 'is not the URL of a service';
}

interface Body {
  readonly text: string;
  readonly isJson: boolean;
}

function readBody(
  value: unknown,
  place: ConfigPlace,
  { method, scope }: { readonly method: string; readonly scope: ResolveScope },
): Body | undefined {
  if (value === undefined) return undefined;
  if (method === 'GET' || method === 'HEAD') {
    place.report({
      value: '[hidden]',
      message: `a ${method} request has no body`,
      allowed: 'a body with POST, PUT, PATCH, DELETE or OPTIONS',
      remedy: 'write another method, or remove the body',
    });
    return undefined;
  }
  if (typeof value === 'string') return { text: value, isJson: false };
  if (isReference(value)) {
    const secret = readSecret(value.env, place, scope);
    return secret === undefined ? undefined : { text: secret.reveal(), isJson: false };
  }
  // What YAML and JSON can say, JSON can say again; a function of a TypeScript config it cannot.
  const text: string | undefined = typeof value === 'function' ? undefined : JSON.stringify(value);
  if (text !== undefined) return { text, isJson: true };
  place.report({
    value: '[hidden]',
    message: `a ${typeof value} is not a body`,
    allowed: "a text, a value that becomes JSON, or { env: 'NAME' }",
    remedy: 'write the body out; work that computes one is a function or a command',
  });
  return undefined;
}

function readExpected(value: unknown, place: ConfigPlace): HttpWork['expectStatus'] {
  if (value === undefined) return anySuccess;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ranges = entries.flatMap((entry, index) => {
    const range = statusRange(entry);
    if (range !== undefined) return [range];
    const at = Array.isArray(value) ? place.child(index) : place;
    at.report({
      value: entry,
      message: `${at.show(entry)} is not a status`,
      allowed: "statuses from 200 to 599: 204, '200-299', '2xx', or a list of these",
      remedy: 'correct the status; leave expectStatus out for 200-299',
    });
    return [];
  });
  return ranges.length === 0 ? anySuccess : ranges;
}

function statusRange(entry: unknown): readonly [number, number] | undefined {
  const text = String(entry);
  const hundred = /^([2-5])xx$/i.exec(text)?.[1];
  if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99];
  const [, from, to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return first >= 200 && last <= 599 && first <= last ? [first, last] : undefined;
}
