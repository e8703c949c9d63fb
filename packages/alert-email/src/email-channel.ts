import {
  type AlertChannel,
  isOpsException,
  type OpsException,
  opsException,
  redact,
  Secret,
} from '@qts-ops/core/plugin';
import { createTransport } from 'nodemailer';
import { type AlertLevel, toEmailMessage } from './email-message.ts';
import { type CheckedEmailOptions, checkEmailOptions, type EmailOptions } from './email-options.ts';

/** Longest piece of the server's answer that is repeated in an error. */
const ANSWER_MAX_CHARACTERS = 200;

/**
 * A channel that sends mail through one SMTP server. One connection and one attempt per call: whoever calls decides
 * about a further one.
 * @throws InputDataException INP-0511 at once when an option is wrong; sending rejects with EXT-0511 (not taken now),
 * EXT-0512 (refused for good) or EXT-0513 (some recipients refused, the others have the mail).
 */
export function emailChannel(options: EmailOptions): AlertChannel {
  const checked = checkEmailOptions(options);
  return {
    sendCritical: (message) => send(checked, 'CRITICAL', message),
    sendWarning: (message) => send(checked, 'WARNING', message),
  };
}

async function send(options: CheckedEmailOptions, level: AlertLevel, message: string): Promise<void> {
  const transport = createTransport(transportOptions(options));
  try {
    const result = await transport.sendMail({
      from: options.from,
      to: [...options.to],
      ...toEmailMessage(level, message),
      // Tells vacation programs not to answer (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
      priority: level === 'CRITICAL' ? 'high' : 'normal',
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    if (result.rejected.length > 0) throw partial(result.rejected.length, options.to.length);
  } catch (error) {
    throw explain(error, options);
  } finally {
    transport.close();
  }
}

/** The library waits minutes by default; every wait is bounded by the channel's own time-out instead. */
function transportOptions(options: CheckedEmailOptions) {
  return {
    host: options.host,
    port: options.port,
    secure: options.encryption === 'implicit',
    requireTLS: options.encryption === 'starttls',
    ignoreTLS: options.encryption === 'none',
    ...(options.login === undefined
      ? {}
      : { auth: { user: options.login.user, pass: options.login.password.reveal() } }),
    connectionTimeout: options.timeoutMs,
    greetingTimeout: options.timeoutMs,
    socketTimeout: options.timeoutMs,
    dnsTimeout: options.timeoutMs,
  };
}

function partial(refused: number, all: number): OpsException {
  const message = `mail: ${refused} of ${all} recipients refused, the others have it`;
  return opsException('EXT-0513', message, { data: { refused, recipients: all } });
}

/** The library's error is not kept as a cause: it may hold the login. */
function explain(error: unknown, options: CheckedEmailOptions): OpsException {
  if (isOpsException(error)) return error;
  const { code, responseCode, response, name } = fieldsOf(error);
  if (responseCode !== undefined && responseCode >= 400) {
    const said = harmless(response, options);
    const message = `mail server answered ${responseCode}${said === '' ? '' : `: ${said}`}`;
    return opsException(responseCode >= 500 ? 'EXT-0512' : 'EXT-0511', message, { data: { responseCode } });
  }
  if (code === 'ETLS') {
    return opsException(
      'EXT-0512',
      `mail server ${options.host}:${options.port} cannot encrypt as asked (${options.encryption})`,
    );
  }
  const timedOut = code === 'ETIMEDOUT' || name === 'TimeoutError' || name === 'AbortError';
  const reason = timedOut
    ? `no answer within ${options.timeoutMs} ms`
    : `no connection (${code ?? 'unknown reason'})`;
  return opsException('EXT-0511', `mail server ${options.host}:${options.port}: ${reason}`, {
    data: { timeoutMs: options.timeoutMs },
  });
}

interface SmtpFailure {
  readonly name?: string;
  readonly code?: string;
  readonly responseCode?: number;
  readonly response: string;
}

/** What the library says about a failure, read field by field: its error classes are not part of its interface. */
function fieldsOf(error: unknown): SmtpFailure {
  const fields: Partial<Record<'name' | 'code' | 'responseCode' | 'response', unknown>> =
    typeof error === 'object' && error !== null ? error : {};
  return {
    ...(typeof fields.name === 'string' ? { name: fields.name } : {}),
    ...(typeof fields.code === 'string' && /^E[A-Z]+$/.test(fields.code) ? { code: fields.code } : {}),
    ...(typeof fields.responseCode === 'number' ? { responseCode: fields.responseCode } : {}),
    response: typeof fields.response === 'string' ? fields.response : '',
  };
}

/** The server's words in one short line; the password is removed in every form in which it was sent. */
function harmless(response: string, options: CheckedEmailOptions): string {
  const line = response.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  if (options.login === undefined) return line.slice(0, ANSWER_MAX_CHARACTERS);
  const { user, password } = options.login;
  const value = password.reveal();
  const forms = [value, base64(value), base64(`\u0000${user}\u0000${value}`)];
  return redact(
    line,
    forms.map((form) => new Secret('smtp.password', form)),
  ).slice(0, ANSWER_MAX_CHARACTERS);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
