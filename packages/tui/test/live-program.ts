import { createServer } from 'node:net';
import { runLive } from '../src/live.tsx';
import { chooseTheme, type ThemeName } from '../src/theme.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordedEngine } from './recorded-client.ts';
import { KEEP_TARGET, NOW_MS } from './recorded-data.ts';
import { alertView, SILENCES } from './recorded-watch.ts';

/**
 * The live screen over a recorded engine, with a clock that stands still. What happens to the engine is told through a
 * socket, one command a line, each answered when it is done.
 */
const {
  QTS_CONTROL: control = '',
  QTS_THEME: name = 'dark',
  QTS_UNICODE: unicode,
  NO_COLOR: noColor,
} = process.env;

const clock = new ManualClock(NOW_MS);
const engine = new RecordedEngine();
engine.silences = SILENCES;
let requests = 0;

const commands: Readonly<Record<string, (...args: string[]) => void>> = {
  advance: (ms = '0') => clock.advance(Number(ms)),
  tick: (ms = '0') => {
    engine.tick(Number(ms));
    clock.advance(Number(ms));
    engine.beat();
  },
  lose: () => engine.lose(),
  restore: () => {
    engine.down = false;
  },
  restart: () => engine.restart('feedbeef-0000-4000-8000-000000000002'),
  fail: (id = '') =>
    engine.change(id, {
      consecutiveErrors: 1,
      lastStatus: 'FAILED',
      lastErrorCode: 'EXT-0101',
      lastErrorMessage: 'no answer',
    }),
  pause: (id = '') =>
    engine.change(id, {
      pause: { operatorId: 'bob', atMs: clock.nowMs(), reason: 'bob was faster than you' },
    }),
  suspend: (id = '') =>
    engine.change(id, {
      consecutiveErrors: 3,
      breaker: { kind: 'open', sinceMs: clock.nowMs(), cooldownMs: 60_000 },
    }),
  backup: () => engine.addTarget(KEEP_TARGET),
  alert: () =>
    engine.putAlert(
      alertView('01900000-0000-7000-8000-00000000a009', { level: 'CRITICAL', title: 'store: disk is full' }),
    ),
  routine: (id = '') => engine.change(id, {}),
  loseAct: (when = 'before') => {
    engine.loseNextAct = when === 'after' ? 'after' : 'before';
  },
  throw: () => {
    setImmediate(() => {
      throw new Error('an error nobody catches');
    });
  },
  requests: () => undefined,
};

if (control !== '') {
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        const [command = '', ...args] = line.split(' ');
        commands[command]?.(...args);
        setImmediate(() =>
          socket.write(`${JSON.stringify({ requests: engine.requests, effects: engine.effects })}\n`),
        );
      }
    });
  })
    .listen(control)
    .unref();
}

const ending = await runLive({
  connect: engine.connect,
  operatorId: 'alice',
  endpoint: '/srv/desk/.qts-ops/engine.sock',
  readOnly: process.env['QTS_READ_ONLY'] === '1',
  theme: chooseTheme({ name: name as ThemeName, unicode: unicode === '1', noColor }),
  clock,
  // A busy machine must not change the picture.
  measuresWrites: false,
  random: () => 0.5,
  newRequestId: () => `request-${++requests}`,
});
if (ending.message !== undefined) process.stderr.write(`${ending.message}\n`);
process.stdout.write(`left with ${ending.exitCode}\n`);
process.exit(ending.exitCode);
