import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A server on this machine that is gone at the end of the test, with every connection it holds. */
export interface Loopback extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  /** Connections that were ever made. */
  seen(): number;
}

/** An HTTP server; a listener that does nothing hangs. */
export async function serveHttp(listener: RequestListener): Promise<Loopback & { readonly url: string }> {
  const loopback = await listen(createHttpServer(listener));
  return { ...loopback, url: `http://127.0.0.1:${loopback.port}` };
}

/** A TCP server. */
export function serveTcp(
  greet: (socket: Socket) => void = (socket) => void socket.resume(),
): Promise<Loopback> {
  return listen(createServer(greet));
}

/** A TLS server that says nothing. */
export function serveTls(options: TlsOptions): Promise<Loopback> {
  return listen(createTlsServer(options));
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  await using server = await serveTcp();
  return server.port;
}

async function listen(server: Server): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let seen = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    seen += 1;
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    seen: () => seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a name server of a test answers: addresses, a code of refusal, or nothing at all. */
export type DnsAnswer = readonly string[] | number | 'silence';

/** A name server for A records. */
export async function serveDns(
  answer: (name: string) => DnsAnswer,
): Promise<AsyncDisposable & { server: string }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const reply = dnsReply(question, answer(nameIn(question)));
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const closed = once(socket, 'close');
  let isOpen = true;
  return {
    server: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      if (isOpen) socket.close();
      isOpen = false;
      await closed;
    },
  };
}

const HEADER_BYTES = 12;

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return labels.join('.');
}

/** The question given back with its answers behind it. */
function dnsReply(question: Buffer, answer: DnsAnswer): Buffer | undefined {
  if (answer === 'silence') return undefined;
  const addresses = typeof answer === 'number' ? [] : answer;
  const header = Buffer.from(question.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  const end = question.indexOf(0, HEADER_BYTES) + 5;
  const records = addresses.map((address) => {
    const record = Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 0, 0, 0, 0]);
    record.set(address.split('.').map(Number), 12);
    return record;
  });
  return Buffer.concat([header, question.subarray(HEADER_BYTES, end), ...records]);
}
