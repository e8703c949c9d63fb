import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Server as NetServer } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer, json } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** What a notice says of itself in words. */
export type ToldAs = 'first' | 'reminder' | 'resolved' | 'test' | 'other';

/** One notice as a person got it. */
export interface ToldNotice {
  readonly as: ToldAs;
  /** Everything that was sent, as one text. */
  readonly text: string;
  /** Where there is one: the same for every attempt. */
  readonly messageId?: string | undefined;
}

/** A real server on this machine that takes notices. */
export interface NoticeReceiver extends AsyncDisposable {
  readonly port: number;
  readonly told: readonly ToldNotice[];
  /** True: what comes is taken and never answered. */
  holdsAnswers: boolean;
}

const WORDS: ReadonlyArray<readonly [as: ToldAs, word: string]> = [
  ['test', 'Test: nothing has happened'],
  ['reminder', 'Reminder: nobody has acknowledged it'],
  ['resolved', 'It is over'],
  ['first', 'First notice'],
];

/** How often a receiver was told what of a subject, in order. */
export function toldOf({ told }: NoticeReceiver, subject: string): readonly ToldAs[] {
  return told.filter(({ text }) => text.includes(subject)).map(({ as }) => as);
}

/** A mail server without encryption, as one on the same machine may be. */
export async function receiveMail(): Promise<NoticeReceiver> {
  const told: ToldNotice[] = [];
  const receiver = { holdsAnswers: false };
  const keep = callbackify(async (stream: Readable) => {
    const { subject = '', text = '', messageId } = await PostalMime.parse(await buffer(stream));
    told.push({ ...noticeIn(`${subject}\n${text}`), messageId });
  });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onData: (stream, _session, callback) =>
      keep(stream, (error) => {
        if (!receiver.holdsAnswers) callback(error, 'taken');
      }),
  });
  // Whoever is killed leaves in the middle of a mail.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return Object.assign(receiver, {
    port: portOf(server.server),
    told,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

/** An incoming webhook as Slack has them: 200 and `ok`. */
export async function receiveSlack(): Promise<NoticeReceiver> {
  const told: ToldNotice[] = [];
  const receiver = { holdsAnswers: false };
  const take = async (request: IncomingMessage) => {
    told.push(noticeIn(JSON.stringify(await json(request))));
    return !receiver.holdsAnswers;
  };
  const server: Server = createServer((request, response) => {
    take(request)
      .then((answers) => answers && response.end('ok'))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(receiver, {
    port: portOf(server),
    told,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function noticeIn(text: string): ToldNotice {
  return { as: WORDS.find(([, word]) => text.includes(word))?.[0] ?? 'other', text };
}

function portOf(server: NetServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return address.port;
}
