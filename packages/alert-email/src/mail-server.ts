import { type PluginContext, redact, Secret } from '@qts-ops/core/plugin';
import type { CheckedEmailOptions } from './email-options.ts';

/** The library waits for minutes by default. */
const CONNECT_TIMEOUT_MS = 10_000;
const GREETING_TIMEOUT_MS = 10_000;
const SOCKET_TIMEOUT_MS = 15_000;

/** How the library reaches the server, with the password in it. */
export interface MailServer {
  readonly connection: ReturnType<typeof connectionOptions>;
  readonly login?: { readonly user: string; readonly pass: string };
  /** Takes the password out of a text, in every form in which it was sent. */
  readonly hide: (text: string) => string;
}

/**
 * Reads the password; anew for each mail, so that a changed one is used after a reload.
 * @throws InputDataException INP-0504 when the reference leads nowhere.
 */
export function readServer(options: CheckedEmailOptions, context: PluginContext): MailServer {
  const { user, password } = options.smtp;
  const connection = connectionOptions(options);
  if (user === undefined || password === undefined) return { connection, hide: context.redact };
  const value = context.secret(password).reveal();
  const forms = [value, base64(value), base64(`\u0000${user}\u0000${value}`)];
  const secrets = forms.map((form) => new Secret('smtp.password', form));
  return {
    connection,
    login: { user, pass: value },
    hide: (text) => context.redact(redact(text, secrets)),
  };
}

function connectionOptions({ smtp }: CheckedEmailOptions) {
  return {
    host: smtp.host,
    port: smtp.port,
    secure: smtp.encryption === 'implicit',
    requireTLS: smtp.encryption === 'starttls',
    ignoreTLS: smtp.encryption === 'none',
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    ...(smtp.ca === undefined ? {} : { tls: { ca: smtp.ca } }),
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
