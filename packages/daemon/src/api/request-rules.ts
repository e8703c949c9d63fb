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

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
