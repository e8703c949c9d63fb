import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';

/** Where the broker listens: a unix socket, or a port of the loopback interface (0 chooses a free one). */
export type BrokerAddress = { readonly socketPath: string } | { readonly port: number };

/** A running broker. */
export interface Broker extends AsyncDisposable {
  readonly address: BrokerAddress;
}

interface BrokerSession {
  reconnects: number;
  answerDelayMs: number;
  readonly startedMs: number;
}

const LONGEST_SOCKET_PATH = 100;
const LONGEST_DELAY_MS = 60_000;

/**
 * Starts a stand-in for a broker's API. `GET /heartbeat` answers with the session and how often it was re-connected;
 * `POST /drop` loses and re-connects the session; `POST /delay?ms=N` makes every later answer slow.
 * Throws when another broker already answers at the address.
 */
export async function startBroker(address: BrokerAddress): Promise<Broker> {
  const session: BrokerSession = { reconnects: 0, answerDelayMs: 0, startedMs: Date.now() };
  const server = createServer((request, response) => answer(session, request, response));
  if ('socketPath' in address) await freeSocket(address.socketPath);
  await listen(server, address);
  const bound = server.address();
  return {
    address: typeof bound === 'object' && bound !== null ? { port: bound.port } : address,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(session: BrokerSession, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://broker');
  const route = `${request.method} ${url.pathname}`;
  if (route === 'POST /drop') session.reconnects++;
  if (route === 'POST /delay') {
    session.answerDelayMs = Math.min(LONGEST_DELAY_MS, Math.max(0, Number(url.searchParams.get('ms')) || 0));
  }
  const isKnown = ['GET /heartbeat', 'POST /drop', 'POST /delay'].includes(route);
  const body = isKnown
    ? {
        status: 'ok',
        connected: true,
        reconnects: session.reconnects,
        server_time: new Date().toISOString(),
        uptime_ms: Date.now() - session.startedMs,
      }
    : { status: 'error', message: `${route} is not offered` };
  const send = () => {
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  };
  if (route !== 'GET /heartbeat' || session.answerDelayMs === 0) {
    send();
    return;
  }
  const timer = setTimeout(send, session.answerDelayMs);
  response.on('close', () => clearTimeout(timer));
}

/** Removes the socket file of a broker that is gone, and refuses to take the place of one that answers. */
async function freeSocket(socketPath: string): Promise<void> {
  if (process.platform === 'win32') return;
  if (Buffer.byteLength(socketPath) > LONGEST_SOCKET_PATH) {
    throw new Error(
      `socket path ${socketPath} is longer than ${LONGEST_SOCKET_PATH} bytes; choose a shorter one`,
    );
  }
  const isTaken = await new Promise<boolean>((resolve) => {
    const probe = connect(socketPath);
    probe.on('error', () => resolve(false));
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
  });
  if (isTaken) throw new Error(`a broker already answers at ${socketPath}; stop it first`);
  rmSync(socketPath, { force: true });
}

function listen(server: Server, address: BrokerAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const target =
      'socketPath' in address ? { path: address.socketPath } : { port: address.port, host: '127.0.0.1' };
    server.listen(target, () => resolve());
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { socket: { type: 'string' }, port: { type: 'string' } } });
  if (values.socket === undefined && !/^\d+$/.test(values.port ?? '')) {
    process.stderr.write('node broker.ts --socket PATH | --port N\n');
    process.exitCode = 2;
    return;
  }
  const broker = await startBroker(
    values.socket === undefined ? { port: Number(values.port) } : { socketPath: values.socket },
  );
  process.stdout.write(`broker listens at ${JSON.stringify(broker.address)}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void broker[Symbol.asyncDispose]());
  }
}

if (import.meta.main) await main();
