import type { AddressInfo, Server } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import {
  type AlertReceiver,
  LOOPBACK_CERTIFICATE,
  type ReceivedNotice,
  type ReceiverBehaviour,
} from '@qts-ops/core/testing';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import type { EmailOptions } from '../src/email-options.ts';

/** The password in the options, which nobody may ever read. */
export const PLANTED = 'plantedPassword1';
/** The same as the login command carries it. */
export const PLANTED_LOGIN = Buffer.from(`\u0000desk\u0000${PLANTED}`).toString('base64');

/** What this server can do beside the usual. */
export interface SmtpScript {
  /** Replaces parts of the server. */
  readonly server?: SMTPServerOptions;
  readonly smtp?: Partial<EmailOptions['smtp']>;
  readonly to?: readonly string[];
}

/** A real mail server on this machine that took these mails. */
export interface SmtpReceiver extends AlertReceiver<EmailOptions> {
  readonly mails: readonly Email[];
  /** Who each mail was for, by the envelope. */
  readonly envelopes: ReadonlyArray<readonly string[]>;
}

/** Starts a mail server on a free port that behaves in one way. */
export async function startSmtp(
  behaviour: ReceiverBehaviour,
  script: SmtpScript = {},
): Promise<SmtpReceiver> {
  const mails: Email[] = [];
  const envelopes: string[][] = [];
  let contacts = 0;
  const keep = callbackify(async (stream: Readable, { envelope }: SMTPServerSession) => {
    mails.push(await PostalMime.parse(await buffer(stream)));
    envelopes.push(envelope.rcptTo.map(({ address }) => address));
  });
  const server = new SMTPServer({
    ...LOOPBACK_CERTIFICATE,
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    onAuth: (_login, _session, callback) => callback(null, { user: 'desk' }),
    onData(stream, session, callback) {
      keep(stream, session, (error) => callback(error, 'taken as 4711'));
    },
    ...behaviourOptions(behaviour),
    ...script.server,
  });
  server.on('error', () => undefined); // clients that leave early are part of the tests
  const port = await listening(server.listen(0, '127.0.0.1'));
  server.server.on('connection', (socket) => {
    contacts += 1;
    if (behaviour === 'reset') socket.resetAndDestroy();
  });
  const close = () => new Promise<void>((resolve) => server.close(resolve));
  if (behaviour === 'gone') await close();
  return {
    options: optionsFor(port, behaviour, script),
    secrets: [PLANTED, PLANTED_LOGIN],
    get received() {
      return mails.map(readMail);
    },
    mails,
    envelopes,
    contacts: () => contacts,
    [Symbol.asyncDispose]: async () => (server.server.listening ? close() : undefined),
  };
}

function optionsFor(port: number, behaviour: ReceiverBehaviour, script: SmtpScript): EmailOptions {
  return {
    smtp: {
      host: '127.0.0.1',
      port,
      encryption: behaviour === 'bad-certificate' ? 'starttls' : 'none',
      user: 'desk',
      password: PLANTED,
      ...script.smtp,
    },
    from: 'Desk <desk@example.com>',
    to: [...(script.to ?? ['Ann <ann@example.com>', 'bo@example.com'])],
  };
}

/** Answers of a server as RFC 5321 has them. */
function behaviourOptions(behaviour: ReceiverBehaviour): SMTPServerOptions {
  switch (behaviour) {
    case 'hang':
      return { onConnect: () => undefined };
    case 'busy':
      return { onMailFrom: (_from, _session, callback) => callback(answer(451, 'try again later')) };
    case 'accept-some':
      return {
        onRcptTo: ({ address }, _session, callback) =>
          callback(address.startsWith('bo@') ? answer(550, 'no such user') : null),
      };
    case 'refuse-message':
      return {
        onData(stream, _session, callback) {
          stream.resume();
          stream.on('end', () => callback(answer(554, 'looks like spam')));
        },
      };
    case 'refuse-channel':
      return { onAuth: (_login, _session, callback) => callback(answer(535, 'wrong password')) };
    case 'repeat-secrets':
      return {
        onAuth: ({ username, password }, _session, callback) =>
          callback(answer(535, `no ${username} ${password} ${PLANTED_LOGIN}`)),
      };
    default:
      return {};
  }
}

/** An answer with its code. */
export function answer(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

function readMail(mail: Email): ReceivedNotice {
  return {
    text: [mail.subject, mail.text, mail.html].join('\n'),
    key: mail.messageId,
    thread: mail.references,
  };
}

function listening(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  server.once('listening', () => resolve((server.address() as AddressInfo).port)); // a TCP server has an address object
  return promise;
}
