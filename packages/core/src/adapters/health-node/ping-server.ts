import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isOpsException } from '../../kernel/ops-exception.ts';
import type { DoorSign, PingDoor, PingDoorOptions } from '../../ports/ping-door.ts';
import { PingRate, senderOf } from './ping-rate.ts';

/** How long a request may take, and the clock that counts senders. */
export interface PingServerLimits {
  /** A whole request must have come within this, ms: who sends a byte now and then holds no place for long. */
  readonly requestWithinMs: number;
  readonly headersWithinMs: number;
  readonly mono: () => number;
}

const LIMITS: PingServerLimits = {
  requestWithinMs: 10_000,
  headersWithinMs: 5000,
  mono: () => performance.now(),
};
/** How often the two are looked after, ms. */
const LOOKED_AFTER_EVERY_MS = 250;
const HEADERS_MAX_BYTES = 8192;
/** Connections at once, over all senders and of one. */
const CONNECTIONS_MAX = 128;
const CONNECTIONS_PER_SENDER = 16;
const PATH = /^\/pings\/([A-Za-z0-9._~-]{1,128})(?:\/(start|fail|log|\d{1,3}))?$/;

/** What a request is answered with; a refusal never says more than that it is one. */
type Answer = 204 | 400 | 404 | 405 | 413 | 429 | 503;

/**
 * Opens a door on the network that takes pings and nothing else. Which of the secrets are known shows in no answer
 * but the one to a right secret, and everything a stranger can hold or fill is bounded.
 * @throws the error of the system when the address cannot be had.
 */
export async function openPingServer(options: PingDoorOptions, limits = LIMITS): Promise<PingDoor> {
  const rate = new PingRate();
  const server = createServer(
    {
      requestTimeout: limits.requestWithinMs,
      headersTimeout: limits.headersWithinMs,
      connectionsCheckingInterval: LOOKED_AFTER_EVERY_MS,
      maxHeaderSize: HEADERS_MAX_BYTES,
      keepAlive: false,
    },
    (request, response) =>
      void answer(request, response, { options, take: (from) => rate.take(from, limits.mono()) }),
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.maxRequestsPerSocket = 1;
  boundSenders(server);
  // The answers of the parser itself would be the same; a socket that breaks is nobody's fault of ours.
  server.on('clientError', (_, socket) => void socket.destroy());
  await listening(server, options);
  server.on('error', () => void server.close());
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  const { port } = server.address() as AddressInfo; // A server that listens on TCP has one.
  return { port, isOpen: () => server.listening, close };
}

function listening(server: Server, { host, port }: PingDoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function boundSenders(server: Server): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const sender = senderOf(socket.remoteAddress ?? '');
    const count = (counts.get(sender) ?? 0) + 1;
    if (count > CONNECTIONS_PER_SENDER) {
      socket.destroy();
      return;
    }
    counts.set(sender, count);
    socket.once('close', () => {
      const left = (counts.get(sender) ?? 1) - 1;
      if (left > 0) counts.set(sender, left);
      else counts.delete(sender);
    });
  });
}

interface Around {
  readonly options: PingDoorOptions;
  /** How long a sender is to wait, ms; 0 when it may come. */
  readonly take: (from: string) => number;
}

async function answer(request: IncomingMessage, response: ServerResponse, around: Around): Promise<void> {
  // A sender that goes away in the middle is no fault; nobody is left to be answered.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const waitMs = around.take(request.socket.remoteAddress ?? '');
  const status = waitMs > 0 ? 429 : await takeRequest(request, around.options);
  if (status === undefined || response.destroyed) return;
  response.writeHead(status, {
    Connection: 'close',
    'Cache-Control': 'no-store',
    ...(status === 405 ? { Allow: 'POST' } : {}),
    ...(status === 429 ? { 'Retry-After': String(Math.ceil(waitMs / 1000)) } : {}),
    ...(status === 204 ? {} : { 'Content-Length': '0' }),
  });
  response.end();
}

/** Undefined when the sender has gone. */
async function takeRequest(request: IncomingMessage, options: PingDoorOptions): Promise<Answer | undefined> {
  if (request.method !== 'POST') return 405;
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const [, secret, sign] = PATH.exec(path) ?? [];
  const key = secret === undefined ? undefined : options.keyOf(secret);
  if (key === undefined) return 404;
  const body = await readBody(request, options.bodyMaxBytes);
  if (typeof body === 'number') return body;
  if (body === undefined) return undefined;
  try {
    const runId = new URLSearchParams(query).get('rid') ?? undefined;
    await options.take(key, { ...signOf(sign), body, runId });
    return 204;
  } catch (error) {
    const isTheirs = isOpsException(error) && error.category === 'INP';
    return isTheirs ? 400 : 503;
  }
}

function signOf(sign: string | undefined): Pick<DoorSign, 'kind' | 'exitCode'> {
  if (sign === undefined) return { kind: 'success' };
  if (sign === 'start' || sign === 'fail' || sign === 'log') return { kind: sign };
  const exitCode = Number(sign);
  return { kind: exitCode === 0 ? 'success' : 'fail', exitCode };
}

/** The text that came with a ping, whatever its bytes are; 413 when it is too long, undefined when its sender has gone. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | 413 | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return 413;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      const piece = chunk as Buffer; // No encoding was set.
      bytes += piece.length;
      if (bytes > maxBytes) return 413;
      chunks.push(piece);
    }
  } catch {
    return undefined;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  // Bytes that are no text grow when they are replaced; `stream` leaves out a character that the cut went through.
  const whole = Buffer.from(text);
  return whole.length <= maxBytes
    ? text
    : new TextDecoder().decode(whole.subarray(0, maxBytes), { stream: true });
}
