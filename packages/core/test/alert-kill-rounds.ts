import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SeededRandom } from '../sim/seeded-random.ts';
import { openSqliteStore } from '../src/adapters/store-sql/sqlite-store.ts';

/** A sender is killed at the latest after so many steps. */
const STEPS_MAX = 60;

/** What a sequence of kills showed. */
export interface AlertKillReport {
  /** Promises that did not hold, in words; empty when all did. */
  readonly findings: readonly string[];
  readonly kills: number;
  readonly alerts: number;
  readonly messages: number;
  readonly repeats: number;
}

interface Message {
  readonly id: string;
  readonly state: string;
  readonly episodeId: string;
  readonly dedupKey: string;
  readonly maybeRepeat: boolean;
}

/** Kills a sender of alerts at seeded steps, on one file, then lets one send what is left and compares. */
export async function alertKillRounds(points: number, seed: number): Promise<AlertKillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'qts-alert-kill-'));
  const random = new SeededRandom(seed);
  const received: Message[] = [];
  const server = await receive(received);
  const sender = new Sender(join(folder, 'ops.db'), urlOf(server));
  try {
    let kills = 0;
    for (let round = 1; round <= points; round++) {
      if (await sender.run(round, random.whole(1, STEPS_MAX))) kills += 1;
    }
    await sender.run(0, 0);
    const stored = await readBack(join(folder, 'ops.db'));
    const repeats = received.length - new Set(received.map(({ id }) => id)).size;
    const findings = [
      ...lost(sender.raised, stored, received),
      ...badRepeats(received),
      ...badOrder(received),
      ...(repeats > kills ? [`${repeats} repeats after ${kills} kills`] : []),
    ];
    return { findings, kills, alerts: stored.alerts.length, messages: received.length, repeats };
  } finally {
    sender.kill();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Sender {
  readonly raised: string[] = [];
  readonly #store: string;
  readonly #url: string;
  #child: ReturnType<typeof spawn> | undefined;

  constructor(store: string, url: string) {
    this.#store = store;
    this.#url = url;
  }

  /** Runs one sender to its end; true when it was killed. */
  async run(round: number, dieAt: number): Promise<boolean> {
    const script = join(import.meta.dirname, 'alert-sender.ts');
    const args = ['--store', this.#store, '--url', this.#url, '--round', `${round}`, '--die-at', `${dieAt}`];
    const child = spawn(process.execPath, ['--conditions=@qts-ops/source', script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('raised ')) this.raised.push(line.slice('raised '.length));
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.exitCode !== 0 && child.signalCode !== 'SIGKILL') {
      throw new Error(`a sender ended with ${child.exitCode ?? child.signalCode}: ${errors}`);
    }
    return child.signalCode === 'SIGKILL';
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }
}

async function receive(received: Message[]): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    // Only the sender below writes here.
    received.push(JSON.parse(body) as Message);
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return `http://127.0.0.1:${address.port}/`;
}

async function readBack(path: string) {
  await using store = await openSqliteStore({ path, now: () => 0 });
  const alerts = [];
  for (let offset = 0; ; offset += 1000) {
    const { items } = await store.queryAlerts({ limit: 1000, offset });
    alerts.push(...items);
    if (items.length < 1000) break;
  }
  const pending = [];
  for (const status of ['pending', 'sending', 'retry', 'dead'] as const) {
    pending.push(...(await store.queryOutbox({ status, channelId: 'hook' })).items);
  }
  return { alerts, pending };
}

function lost(
  raised: readonly string[],
  stored: Awaited<ReturnType<typeof readBack>>,
  received: readonly Message[],
): readonly string[] {
  const heard = new Set(received.map(({ episodeId }) => episodeId));
  const known = new Set(stored.alerts.map(({ dedupKey }) => dedupKey));
  const told = (id: string, state: string) =>
    received.some((message) => message.episodeId === id && message.state === state);
  return [
    ...raised.filter((key) => !known.has(key)).map((key) => `${key} was raised and is not on record`),
    ...stored.alerts.filter(({ id }) => !heard.has(id)).map(({ dedupKey }) => `${dedupKey} was never told`),
    ...stored.alerts
      .filter(({ id, state }) => state === 'resolved' && !told(id, 'resolved'))
      .map(({ dedupKey }) => `the end of ${dedupKey} was never told`),
    ...stored.pending.map(({ id, status }) => `notice ${id} is left ${status}`),
  ];
}

function badRepeats(received: readonly Message[]): readonly string[] {
  const seen = new Set<string>();
  return received.flatMap(({ id, maybeRepeat }) => {
    const again = seen.has(id);
    seen.add(id);
    return again && !maybeRepeat ? [`notice ${id} came again without saying so`] : [];
  });
}

function badOrder(received: readonly Message[]): readonly string[] {
  const over = new Set<string>();
  return received.flatMap(({ episodeId, state, dedupKey }) => {
    if (state === 'resolved') over.add(episodeId);
    return state !== 'resolved' && over.has(episodeId) ? [`${dedupKey}: told as firing after its end`] : [];
  });
}
