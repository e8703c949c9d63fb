import { cleanLine, cutText } from '../kernel/plain-text.ts';
import type { SendResult } from './alert-channel.ts';

const REASON_MAX_CHARACTERS = 256;
/** Statuses with which a server says that the same message may be welcome later. */
const RETRY_STATUSES = [408, 425, 429];
/** Statuses that concern the address or the credential: no other message would fare better. */
const CHANNEL_STATUSES = [401, 403, 404, 405, 410];

/** What a receiver answered. */
export interface HttpAnswer {
  readonly status: number;
  /** Already without secrets; it is cleaned and cut here. */
  readonly body: string;
  readonly retryAfter?: string | null | undefined;
}

/**
 * What an HTTP answer means for a message: 2xx sent, 408, 425, 429 and 5xx again later, 401, 403, 404, 405, 410 and
 * redirects the channel is wrong, every other the message is wrong. `Retry-After` holds for the whole channel.
 */
export function resultOfAnswer(answer: HttpAnswer, nowMs: number): SendResult {
  const { status } = answer;
  if (status >= 200 && status < 300) return { status: 'sent' };
  const said = cleanLine(answer.body);
  const reason = cutText(`answered ${status}${said === '' ? '' : `: ${said}`}`, REASON_MAX_CHARACTERS);
  if (status < 500 && !RETRY_STATUSES.includes(status)) {
    const channel = status < 400 || CHANNEL_STATUSES.includes(status);
    return { status: 'rejected', scope: channel ? 'channel' : 'message', reason };
  }
  const retryAfterMs = retryAfterToMs(answer.retryAfter, nowMs);
  return {
    status: 'retry',
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(retryAfterMs !== undefined || status === 429 ? { pauseChannel: true } : {}),
  };
}

/** `Retry-After` in both of its forms, whole seconds or a date; anything else says nothing. */
export function retryAfterToMs(header: string | null | undefined, nowMs: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1_000;
  // Only the date form of HTTP ends so; it keeps Date.parse from reading arbitrary text.
  const atMs = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/**
 * Why no answer came, from the system codes of the error and its causes alone: their texts may hold the address,
 * which may be a credential.
 */
export function networkReason(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    if (current.name === 'TimeoutError' || current.name === 'AbortError')
      return 'no answer within the time allowed';
    if (
      'code' in current &&
      typeof current.code === 'string' &&
      /^[A-Z][A-Z0-9_]{3,40}$/.test(current.code)
    ) {
      return `no connection (${current.code})`;
    }
    current = current.cause;
  }
  return 'no connection';
}
