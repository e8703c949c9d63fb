import { parseArgs } from 'node:util';
import { systemClock } from '../src/adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../src/adapters/clock-system/system-randomness.ts';
import { silentLogger } from '../src/adapters/logger-json/json-logger.ts';
import { openSqliteStore } from '../src/adapters/store-sql/sqlite-store.ts';
import type { OpsChange } from '../src/engine/ops-store.ts';
import { uuidv7 } from '../src/kernel/ids.ts';
import type { SendResult } from '../src/ports/alert-channel.ts';
import type { RaiseSignal } from '../src/watch/alerts/alert.ts';
import { defaultAlertSettings } from '../src/watch/alerts/alert-settings.ts';
import { Alerts } from '../src/watch/alerts/alerts.ts';
import type { BoundChannel } from '../src/watch/alerts/channel-lane.ts';
import { renderNotice } from '../src/watch/alerts/render/render-notice.ts';

/*
 * A process that raises and resolves alerts on a real file, sends them to a receiver and ends itself by SIGKILL at the
 * step it was told: before or after a write, before, during or after a message. Without a step it ends when all is sent.
 */

const KEYS = 6;
const { values } = parseArgs({
  options: {
    store: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
    round: { type: 'string', default: '0' },
    'die-at': { type: 'string', default: '0' },
  },
});
const dieAt = Number(values['die-at']);
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === dieAt) process.kill(process.pid, 'SIGKILL');
}

async function post(body: object, signal: AbortSignal): Promise<SendResult> {
  step();
  const answering = fetch(values.url, { method: 'POST', body: JSON.stringify(body), signal });
  await new Promise((resolve) => setTimeout(resolve, 3));
  step();
  const answer = await answering;
  await answer.arrayBuffer();
  step();
  return answer.ok ? { status: 'sent' } : { status: 'retry', reason: `HTTP ${answer.status}` };
}

const channel: BoundChannel = {
  id: 'hook',
  kind: 'hook',
  capabilities: {
    formats: ['notice'],
    titleMax: 100,
    bodyMax: 1000,
    threads: false,
    idempotent: false,
    rate: { perSecond: 1000, burst: 1000 },
  },
  instance: {
    send: ({ id, state, episodeId, dedupKey, maybeRepeat }, _rendered, { signal }) =>
      post({ id, state, episodeId, dedupKey, maybeRepeat }, signal),
  },
};

await using store = await openSqliteStore({ path: values.store, now: () => systemClock.now() });
const settings = defaultAlertSettings([channel]);
const alerts = new Alerts<OpsChange>({
  record: {
    commit: async (changes) => {
      step();
      const result = await store.commit(changes);
      step();
      return result;
    },
    readAlerts: (sinceMs) => store.readAlerts(sinceMs),
    readForgettable: (beforeMs, limit) => store.readForgettable(beforeMs, limit),
  },
  clock: systemClock,
  randomness: systemRandomness,
  logger: silentLogger,
  bootId: uuidv7(systemClock.now(), systemRandomness.bytes(10)),
  settings: { ...settings, digest: { ...settings.digest, notices: 10_000, criticalNotices: 10_000 } },
  origin: { instance: 'test', environment: 'LAB', timeZone: 'UTC' },
  channels: [channel],
  render: renderNotice,
  redact: (text) => text,
});
await alerts.load();
alerts.start();

function raiseOf(dedupKey: string, level: RaiseSignal['level']): RaiseSignal {
  const atMs = systemClock.now();
  return {
    kind: 'raise',
    dedupKey,
    alertType: 'SYSTEM_ERROR',
    level,
    title: dedupKey,
    message: dedupKey,
    atMs,
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (dieAt > 0) {
  for (let number = 0; number < KEYS; number++) {
    const key = `${values.round}:${number}`;
    await alerts.signal(raiseOf(key, number % 3 === 0 ? 'CRITICAL' : 'WARN'));
    say(`raised ${key}`);
    if (number % 2 === 1) {
      const before = `${values.round}:${number - 1}`;
      await new Promise((resolve) => setTimeout(resolve, 5));
      await alerts.signal({ kind: 'resolve', dedupKey: before, atMs: systemClock.now() });
      say(`resolved ${before}`);
    }
    if (number === 4) await alerts.signal(raiseOf(key, 'CRITICAL'));
  }
}
while (alerts.channels().some(({ waiting }) => waiting > 0)) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await alerts.close();
