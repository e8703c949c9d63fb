import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { STORE_FILE } from '../src/engine/create-ops.ts';
import { SeededRandom } from './seeded-random.ts';
import { repeatsIn, type WatchMessage, watchFindings } from './watch-findings.ts';

/*
 * Kills whole engines at random moments, from their start to the middle of a write, while checks fail and recover and
 * notices leave; each 20 kills share a state folder, and one more life tells what is left. With `--faults 0.2` the
 * receiver fails so often until the last life: it refuses, hangs up before it has read, or takes a notice and hangs up
 * instead of an answer:
 * node --conditions=@qts-ops/source packages/core/sim/watch-torture.ts --points 200 [--seed 1] [--faults 0]
 */

const KILLS_MAX = 20;
/** A life is killed at the latest so long after its start of work, ms. */
const LIFE_MAX_MS = 250;
/** One in so many lives is killed while it starts, at the latest so long after its first instruction, ms. */
const STARTING = { oneIn: 5, maxMs: 900 };
/** A notice that failed or died under way a few times waits for minutes before its next attempt. */
const SETTLE_WITHIN_MS = 400_000;

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '0' },
  },
});
const points = Number(values.points);
const total = { kills: 0, said: 0, messages: 0, unanswered: 0, repeats: 0, findings: 0 };
for (let done = 0, seed = Number(values.seed); done < points; done += KILLS_MAX, seed++) {
  await oneFolder(Math.min(KILLS_MAX, points - done), seed);
}
const { kills, said, messages, unanswered, repeats, findings } = total;
process.stdout.write(
  `${kills} kills, ${said} durable facts, ${messages} messages, ${unanswered} without an answer, ${repeats} repeats, ${findings} findings\n`,
);
process.exitCode = findings === 0 ? 0 : 1;

interface Lives {
  readonly folder: string;
  readonly url: string;
  readonly random: SeededRandom;
  readonly said: string[];
}

async function oneFolder(kills: number, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'qts-watch-kill-'));
  const taken: Taken = {
    received: [],
    unanswered: [],
    random: new SeededRandom(seed + 1_000_000),
    faults: Number(values.faults),
  };
  const { received, unanswered } = taken;
  const server = await receive(taken);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const lives: Lives = {
    folder,
    url: `http://127.0.0.1:${port}/`,
    random: new SeededRandom(seed),
    said: [],
  };
  try {
    for (let life = 1; life <= kills; life++) await liveAndDie(lives, life);
    taken.faults = 0;
    await settle(lives);
    const account = { storePath: join(folder, STORE_FILE), said: lives.said, received, kills, unanswered };
    const broken = await watchFindings(account);
    for (const finding of broken) process.stdout.write(`seed ${seed}: ${finding}\n`);
    total.kills += kills;
    total.said += lives.said.length;
    total.messages += received.length;
    total.unanswered += unanswered.length;
    total.repeats += repeatsIn(received);
    total.findings += broken.length;
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function liveAndDie(lives: Lives, life: number): Promise<void> {
  const { random } = lives;
  const child = startEngine(lives, life);
  const ended = once(child, 'exit');
  const errors = collect(child);
  const ready = listen(child, lives.said);
  const isStarting = random.whole(1, STARTING.oneIn) === 1;
  const delayMs = random.next() * (isStarting ? STARTING.maxMs : LIFE_MAX_MS);
  if (!isStarting) await Promise.race([ready, ended]);
  await Promise.race([wait(delayMs), ended]);
  child.kill('SIGKILL');
  const [code] = await ended;
  if (code !== null) throw new Error(`life ${life} ended by itself with ${code}: ${errors.join('')}`);
}

/** One life without new failures, which must tell everything that is left and end by itself. */
async function settle(lives: Lives): Promise<void> {
  const child = startEngine(lives, 0);
  const errors = collect(child);
  const late = new AbortController();
  const [code] = await Promise.race([
    once(child, 'exit'),
    wait(SETTLE_WITHIN_MS, ['late'], { signal: late.signal }),
  ]);
  late.abort();
  child.kill('SIGKILL');
  if (code !== 0) throw new Error(`the last life ended with ${code}: ${errors.join('')}`);
}

function startEngine({ folder, url }: Lives, life: number): ChildProcess {
  const program = join(import.meta.dirname, 'watch-engine.ts');
  const options = ['--state', folder, '--url', url, '--life', `${life}`];
  return spawn(process.execPath, ['--conditions=@qts-ops/source', program, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Resolves when the engine works; every later line is a fact that must survive. */
function listen({ stdout }: ChildProcess, said: string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stdout === null) return promise;
  createInterface({ input: stdout }).on('line', (line) => {
    if (line === 'ready') resolve();
    else said.push(line);
  });
  return promise;
}

function collect({ stderr }: ChildProcess): string[] {
  const errors: string[] = [];
  stderr?.on('data', (data: Buffer) => errors.push(data.toString()));
  return errors;
}

/** What the receiver has, and by what it decides to fail. */
interface Taken {
  readonly received: WatchMessage[];
  readonly unanswered: string[];
  readonly random: SeededRandom;
  /** Share of requests that fail; none any more while the last life tells what is left. */
  faults: number;
}

type Answering = 'ok' | 'refuse' | 'hang up' | 'take and hang up';

function answering({ random, faults }: Taken): Answering {
  return random.chance(faults) ? random.pick(['refuse', 'hang up', 'take and hang up']) : 'ok';
}

async function receive(taken: Taken): Promise<Server> {
  const { received, unanswered } = taken;
  const server = createServer(async (request, response) => {
    const how = answering(taken);
    if (how === 'hang up') return response.destroy();
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      // Its sender died in the middle of the message.
      return;
    }
    if (how === 'refuse') return response.writeHead(503).end('not now');
    // Only the channel of `watch-engine.ts` posts here.
    const message = JSON.parse(Buffer.concat(parts).toString()) as WatchMessage;
    received.push(message);
    if (how === 'ok') return response.end('ok');
    unanswered.push(message.id);
    return response.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
