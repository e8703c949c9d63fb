import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { opsException } from '@qts-ops/core/client';

const visibleAscii = /^[\x21-\x7e]+$/;
const OPERATOR_MAX_CHARACTERS = 100;

/** The id a request is answered under: the caller's own when it is usable, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && given.length <= 128 && visibleAscii.test(given) ? given : randomUUID();
}

/**
 * The account name in `X-Operator` (percent-encoded, because header values hold ASCII only).
 * Who may open the socket is the file's mode; the name says which account did.
 * @throws INP-0303 when it is absent, blank or unreadable.
 */
export function operatorOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-operator'];
  const name = typeof given === 'string' ? decode(given) : undefined;
  if (
    name === undefined ||
    name.trim() === '' ||
    Array.from(name).length > OPERATOR_MAX_CHARACTERS ||
    /\p{C}/u.test(name)
  ) {
    const seen = given === undefined ? 'absent' : `'${String(given).slice(0, 40)}'`;
    throw opsException(
      'INP-0303',
      `header X-Operator: ${seen}; allowed: an account name of 1 to ${OPERATOR_MAX_CHARACTERS} characters, percent-encoded`,
    );
  }
  return name;
}

/** Refuses a writing request that could not be repeated safely: INP-0307. */
export function requireIdempotencyKey(headers: IncomingHttpHeaders): void {
  const key = headers['x-idempotency-key'];
  if (typeof key === 'string' && key.length >= 8 && key.length <= 128 && visibleAscii.test(key)) return;
  const seen = key === undefined ? 'absent' : `${String(key).length} characters`;
  throw opsException(
    'INP-0307',
    `header X-Idempotency-Key: ${seen}; allowed: 8 to 128 visible ASCII characters`,
  );
}

/** Deeper than any parameter needs to be, and far from what parsers and the database give up at. */
const DEPTH_MAX = 64;

/**
 * Refuses a body that could be read but not kept: nested without measure, or text with a NUL character, at which
 * the database ends a text. @throws INP-0301
 */
export function requireKeepableBody(body: unknown): void {
  const waiting: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value: body, path: 'body', depth: 0 },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string' && value.includes('\0')) {
      throw opsException(
        'INP-0301',
        `${path.slice(0, 100)}: holds a NUL character; allowed: text without it`,
      );
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEPTH_MAX) {
      throw opsException('INP-0301', `${path.slice(0, 100)}: nested too deep; allowed: ${DEPTH_MAX} levels`);
    }
    for (const [key, inner] of Object.entries(value)) {
      waiting.push({ value: inner, path: `${path}.${key}`, depth: depth + 1 });
    }
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
