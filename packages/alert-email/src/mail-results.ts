import { cleanLine, cutText, failedBeforeSending, type SendResult } from '@qts-ops/core/plugin';

const REASON_MAX_CHARACTERS = 256;

/** What the library says about a failure, read field by field: its error classes are not part of its interface. */
export interface SmtpFailure {
  readonly name: string;
  readonly code: string;
  /** What the system called it, such as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  readonly systemCode: string;
  /** Three digits of the server; 0 when it was not the server that refused. */
  readonly responseCode: number;
  readonly response: string;
  /** What we had said: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH PLAIN`, … */
  readonly command: string;
  readonly recipient: string;
}

/** Reads the fields of an error of the library. */
export function smtpFailure(error: unknown): SmtpFailure {
  const fields: Readonly<Record<string, unknown>> =
    typeof error === 'object' && error !== null ? { ...error } : {};
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  const code = (name: string) => (/^[A-Z][A-Z0-9_]{2,40}$/.test(text(name)) ? text(name) : '');
  return {
    name: error instanceof Error ? error.name : '',
    code: code('code'),
    systemCode: code('originalCode') || code('code'),
    responseCode: typeof fields['responseCode'] === 'number' ? fields['responseCode'] : 0,
    response: text('response'),
    command: text('command'),
    recipient: text('recipient'),
  };
}

/** True when the same mail may be welcome later: everything but a final refusal (5xx) and missing encryption. */
export function isPassing({ code, responseCode }: SmtpFailure): boolean {
  return responseCode > 0 ? responseCode < 500 : code !== 'ETLS';
}

/** What a failure means for the notice. `hide` takes secrets out of the server's words. */
export function resultOfFailure(error: unknown, hide: (text: string) => string): SendResult {
  const failure = smtpFailure(error);
  const reason = reasonOf(failure, hide);
  if (isPassing(failure)) return { status: 'retry', reason, mayHaveArrived: isUnheard(failure) };
  return { status: 'rejected', scope: scopeOf(failure), reason };
}

/** True when the server may have the mail: it did not refuse, and the connection did not end before the text. */
function isUnheard({ responseCode, systemCode, command }: SmtpFailure): boolean {
  const beforeText = /^(CONN|EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL FROM|RCPT TO)/.test(command);
  return responseCode === 0 && !beforeText && !failedBeforeSending(systemCode);
}

/** One line about a failure. */
export function reasonOf(failure: SmtpFailure, hide: (text: string) => string): string {
  const { name, code, systemCode, responseCode, response } = failure;
  if (code === 'ETLS')
    return `the server cannot encrypt as asked${responseCode > 0 ? ` (${responseCode})` : ''}`;
  if (responseCode > 0) {
    const said = cleanLine(hide(response));
    return cutText(
      said.startsWith(String(responseCode)) ? said : `${responseCode} ${said}`,
      REASON_MAX_CHARACTERS,
    );
  }
  if (code === 'ETIMEDOUT' || name === 'TimeoutError' || name === 'AbortError' || code === 'EABORT') {
    return 'no answer within the time allowed';
  }
  return `no connection${systemCode === '' ? '' : ` (${systemCode})`}`;
}

/** A recipient is one thing, the text another; login and sender concern every mail. */
function scopeOf({ command }: SmtpFailure): 'message' | 'recipient' | 'channel' {
  if (command === 'RCPT TO') return 'recipient';
  return command === 'DATA' ? 'message' : 'channel';
}
