import { cleanLine, cutText } from '../kernel/plain-text.ts';
import type { SendResult } from './alert-channel.ts';

const REASON_MAX_CHARACTERS = 256;
/** Bytes of an answer that are read: a reason needs no more, and a stranger may send without end. */
const BODY_MAX_BYTES = 8_192;
/** Statuses with which a server says that the same message may be welcome later. */
const RETRY_STATUSES = [408, 425, 429];
/** Statuses that concern the address or the credential: no other message would fare better. */
const CHANNEL_STATUSES = [401, 403, 404, 405, 410];

/** What a receiver answered. */
export interface HttpAnswer {
  readonly status: number;
  /** Without secrets before it becomes a result; cleaned and cut there. */
  readonly body: string;
  readonly retryAfter?: string | null | undefined;
}

/** Reads the beginning of an answer and lets go of the rest. */
export async function readAnswer(response: Response): Promise<HttpAnswer> {
  const { status, headers, body } = response;
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early cancels the stream, which closes the connection.
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.byteLength;
    if (bytes >= BODY_MAX_BYTES) break;
  }
  return { status, body: text, retryAfter: headers.get('retry-after') };
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

/** Codes of errors that come before anything was sent; those of certificates are told by their words. */
const BEFORE_SENDING = [
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_INVALID_ARG', 'ERR_INVALID_URL'],
];

/** What it means that no answer came: another attempt, and whether the first one may have arrived. */
export function resultOfNetworkError(error: unknown): SendResult {
  const reason = networkReason(error);
  const code = /\((\w+)\)$/.exec(reason)?.[1] ?? '';
  return { status: 'retry', reason, mayHaveArrived: !failedBeforeSending(code) };
}

/** True when a system code says that not a byte of the message left. */
export function failedBeforeSending(code: string): boolean {
  return BEFORE_SENDING.includes(code) || /CERT|TLS|SSL|SELF_SIGNED/.test(code);
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
