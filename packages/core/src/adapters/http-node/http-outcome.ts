import { STATUS_CODES } from 'node:http';
import type { JsonObject } from '../../kernel/json.ts';
import { type OpsException, opsException } from '../../kernel/ops-exception.ts';
import { redact, Secret } from '../../kernel/secret.ts';
import { shownUrl } from '../../kernel/shown-url.ts';
import type { HttpWork } from '../../ports/target.ts';
// A code counts as declared only when its page is loaded.
import '../../run/executions/http-work-errors.ts';
import type { HttpWorkErrorCode } from '../../run/executions/http-work-errors.ts';

/** The head of an answer, as far as it decides what the answer means. */
export interface AnswerHead {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly location?: string | undefined;
}

/** Why a request went wrong before its answer was complete. */
export interface RequestFailure {
  /** Node's or OpenSSL's word for it; absent for a limit of ours. */
  readonly cause?: unknown;
  /** A limit of ours that was reached, in words. */
  readonly lateness?: string;
  /** True once the whole request was handed to the service: it may have acted on it. */
  readonly sent: boolean;
}

/** Longest wait that a `Retry-After` may ask for and that is still shown, ms. */
const RETRY_AFTER_MAX_MS = 7 * 86_400_000;

/** Whether a status is one of the expected ones. */
export function isExpected(work: Pick<HttpWork, 'expectStatus'>, status: number): boolean {
  return work.expectStatus.some(([first, last]) => status >= first && status <= last);
}

/** What an answer with an unexpected status means. `nowMs` turns a date in `Retry-After` into a wait. */
export function statusFailure(work: HttpWork, head: AnswerHead, nowMs: number): OpsException {
  const { status } = head;
  const retryAfterMs = retryAfterOf(head.retryAfter, nowMs);
  const location = locationOf(work, head.location);
  const data: JsonObject = {
    url: work.shownUrl,
    method: work.method,
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(location === undefined ? {} : { location }),
  };
  const parts = [
    `${work.method} ${work.shownUrl}: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
    ...(location === undefined ? [] : [`it leads to ${location}, which is not followed`]),
    ...(retryAfterMs === undefined ? [] : [`the service asks to wait ${Math.ceil(retryAfterMs / 1000)} s`]),
    `expected: ${expectedText(work)}`,
  ];
  return opsException(statusCode(status), parts.join('; '), { data });
}

function statusCode(status: number): HttpWorkErrorCode {
  if (status === 429) return 'EXT-0102';
  if (status === 401 || status === 403 || status === 407) return 'EXT-0104';
  if (status === 408) return 'EXT-0101';
  return status >= 500 ? 'EXT-0103' : 'BAT-0406';
}

function expectedText({ expectStatus }: HttpWork): string {
  return expectStatus.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** Milliseconds of a `Retry-After`: whole seconds or a date; undefined when it is neither. */
export function retryAfterOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), RETRY_AFTER_MAX_MS) : undefined;
}

/** Where a redirect leads, without what a service may have copied from our own request. */
function locationOf(work: HttpWork, location: string | undefined): string | undefined {
  if (location === undefined) return undefined;
  const target = URL.parse(location, work.url);
  if (target === null) return undefined;
  const own = [...Object.values(work.headers), ...queryValues(work.url)];
  return redact(
    shownUrl(target.href),
    own.map((value) => new Secret('request', value)),
  );
}

function queryValues(url: string): readonly string[] {
  const parsed = URL.parse(url);
  return parsed === null ? [] : [...parsed.searchParams.values(), parsed.password, parsed.username];
}

/** What it means that no complete answer came. */
export function requestFailure(work: HttpWork, failure: RequestFailure): OpsException {
  const at = `${work.method} ${work.shownUrl}`;
  const cause = causeOf(failure.cause);
  const data: JsonObject = {
    url: work.shownUrl,
    method: work.method,
    ...(cause.word === undefined ? {} : { reason: cause.word }),
  };
  if (failure.lateness !== undefined) {
    return opsException('EXT-0101', `${at}: ${failure.lateness}${sentText(failure)}`, { data });
  }
  const code = failureCode(cause, failure.sent);
  const word = cause.word === undefined ? '' : ` (${cause.word})`;
  const unknown = code === 'EXT-0111' ? sentText(failure) : '';
  return opsException(code, `${at}: ${explain(cause)}${word}${unknown}`, { data });
}

function sentText({ sent }: RequestFailure): string {
  return sent ? '; whether the service acted on the request is not known' : '';
}

interface Cause {
  readonly word: string | undefined;
  readonly message: string;
}

function causeOf(cause: unknown): Cause {
  if (!(cause instanceof Error)) return { word: undefined, message: 'the service broke off' };
  const word = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return { word, message: cause.message };
}

/** Reasons for which a connection is never made. */
const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no machine has this name',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to the machine',
  ENETUNREACH: 'there is no way to its network',
  ENOENT: 'there is no such socket',
  EACCES: 'the account of the engine may not use the socket',
  EMFILE: 'the engine has no free file descriptor',
};

/** Reasons for which a certificate is not accepted. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clock of this machine',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the issuer of its certificate is not known to this machine',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of its certificate is not known to this machine',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of its certificate is not known to this machine',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send the certificates between its own and a known issuer',
};

/** Reasons for which no request can be made from what the target says. */
const UNMADE = /^ERR_(INVALID|UNESCAPED|HTTP_INVALID)/;

function failureCode({ word = '' }: Cause, sent: boolean): HttpWorkErrorCode {
  if (word === 'ETIMEDOUT') return 'EXT-0101';
  if (UNMADE.test(word)) return 'BAT-0407';
  if (isTls(word)) return 'EXT-0110';
  return !sent && Object.hasOwn(UNREACHED, word) ? 'EXT-0109' : 'EXT-0111';
}

function isTls(word: string): boolean {
  return Object.hasOwn(UNTRUSTED, word) || word === 'EPROTO' || /^ERR_(SSL|TLS)_/.test(word);
}

function explain({ word = '', message }: Cause): string {
  if (word === 'ETIMEDOUT') return 'no connection in time';
  if (word === 'ECONNRESET' || word === 'EPIPE') return 'the service broke off';
  if (word === 'EPROTO' || /^ERR_SSL_/.test(word)) {
    return 'no secure connection: the service speaks no TLS there, or another version of it';
  }
  if (word.startsWith('HPE_')) return 'the answer is not HTTP, or its head is too large';
  return UNREACHED[word] ?? UNTRUSTED[word] ?? message;
}
