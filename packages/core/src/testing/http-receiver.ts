import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CONTRACT_NOW_MS } from './contract-case.ts';
import type { AlertReceiver, ReceivedNotice, ReceiverBehaviour } from './describe-alert-channel-cases.ts';
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts';

/** A request with its body, as text. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What an HTTP receiver answers in each of its moods. */
export interface HttpAnswers<I> {
  /** Options that make the channel post to this address. */
  readonly options: (origin: string) => I;
  readonly secrets: readonly string[];
  /** What a person reads of a request that was taken; throw to answer 400 with the error's message. */
  readonly read: (request: ReceivedRequest) => ReceivedNotice;
  /** Status and body with which a notice is taken. Default 200, `ok`. */
  readonly accept?: readonly [status: number, body: string] | undefined;
  readonly refuseMessage?: readonly [status: number, body: string] | undefined;
  readonly refuseChannel?: readonly [status: number, body: string] | undefined;
}

/** What every HTTP receiver can do. */
export const HTTP_BEHAVIOURS: readonly ReceiverBehaviour[] = [
  'accept',
  'hang',
  'reset',
  'gone',
  'busy',
  'slow-down',
  'slow-down-until',
  'refuse-message',
  'refuse-channel',
  'repeat-secrets',
  'bad-certificate',
];

/** Starts a real HTTP server on a free port of this machine that behaves in one way. */
export async function startHttpReceiver<I>(
  behaviour: ReceiverBehaviour,
  answers: HttpAnswers<I>,
): Promise<AlertReceiver<I>> {
  const received: ReceivedNotice[] = [];
  let contacts = 0;
  const listener: RequestListener = (request, response) => {
    contacts += 1;
    void readRequest(request).then((read) => answer(read, response, { behaviour, answers, received }));
  };
  const secure = behaviour === 'bad-certificate';
  const server = secure ? createSecureServer(LOOPBACK_CERTIFICATE, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has an address object
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  if (behaviour === 'gone') await close();
  return {
    options: answers.options(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`),
    secrets: answers.secrets,
    received,
    contacts: () => contacts,
    [Symbol.asyncDispose]: async () => (server.listening ? close() : undefined),
  };
}

interface Mood {
  readonly behaviour: ReceiverBehaviour;
  readonly answers: Omit<HttpAnswers<never>, 'options'>;
  readonly received: ReceivedNotice[];
}

function answer(request: ReceivedRequest, response: ServerResponse, mood: Mood): void {
  const reply = ([status, body]: readonly [number, string], headers: Record<string, string> = {}) =>
    void response.writeHead(status, headers).end(body);
  switch (mood.behaviour) {
    case 'hang':
      return;
    case 'reset':
      return void response.socket?.resetAndDestroy();
    case 'busy':
      return reply([500, 'out of order']);
    case 'slow-down':
      return reply([429, 'rate_limited'], { 'retry-after': '7' });
    case 'slow-down-until':
      return reply([503, 'later'], { 'retry-after': new Date(CONTRACT_NOW_MS + 120_000).toUTCString() });
    case 'refuse-message':
      return reply(mood.answers.refuseMessage ?? [400, 'not acceptable']);
    case 'refuse-channel':
      return reply(mood.answers.refuseChannel ?? [404, 'nobody here']);
    case 'repeat-secrets':
      return reply([404, `no ${request.path} ${JSON.stringify(request.headers)} ${request.body}`]);
    default:
      return take(request, mood, reply);
  }
}

function take(
  request: ReceivedRequest,
  { answers, received }: Mood,
  reply: (one: readonly [number, string]) => void,
): void {
  try {
    received.push(answers.read(request));
    reply(answers.accept ?? [200, 'ok']);
  } catch (error) {
    reply([400, error instanceof Error ? error.message : String(error)]);
  }
}

async function readRequest(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
}
