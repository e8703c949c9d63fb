import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import v8 from 'node:v8';
import { connectSocket, type OpsClient, resolveSocket, stateFolderOf } from '@qts-ops/core/client';
import { type EmbeddedEngine, findDaemon, HELD_EXIT, startEngine } from './embedded.ts';
import type { Ending } from './ending.ts';
import { parseOptions, type TuiOptions } from './options.ts';
import { PLAIN_EXIT, printPlain } from './plain.ts';
import { problemText } from './problem-text.ts';
import { startCommandOf } from './start-command.ts';
import { chooseTheme } from './theme.ts';

/** Cells of a line when the output is no terminal. */
const PLAIN_COLUMNS = 120;

/** Runs the program and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exit(await runTui(argv));
}

/** Parses the command line, then opens the screen, or prints once where there is no terminal to draw on. */
export async function runTui(argv: readonly string[]): Promise<number> {
  try {
    const options = await parseOptions(argv, ownVersion());
    if (options === undefined) return PLAIN_EXIT.ok;
    const place = placeOf(options);
    const operatorId = accountName();
    const connect = (): OpsClient => connectSocket({ socketPath: place.socketPath(), operatorId });
    if (isPlain(options)) return await runPlain(options, place, connect);
    return await openScreen({ options, place, connect, operatorId });
  } catch (error) {
    process.stderr.write(`${problemText(error)}\n`);
    return PLAIN_EXIT.unknown;
  }
}

/** Where the engine is: its socket may move while the screen tries again. */
interface Place {
  readonly socketPath: () => string;
  readonly stateFolder: string | undefined;
}

interface Opening {
  readonly options: TuiOptions;
  readonly place: Place;
  readonly connect: () => OpsClient;
  readonly operatorId: string;
}

function placeOf({ socket, state }: TuiOptions): Place {
  if (socket !== undefined) return { socketPath: () => socket, stateFolder: undefined };
  const stateFolder = stateFolderOf({ state, env: process.env, cwd: process.cwd() });
  return { socketPath: () => resolveSocket(stateFolder), stateFolder };
}

function isPlain({ once, json }: TuiOptions): boolean {
  const terminal =
    process.stdout.isTTY === true && process.stdin.isTTY === true && process.env['TERM'] !== 'dumb';
  return once || json || !terminal;
}

async function runPlain(
  { json, unicode }: TuiOptions,
  place: Place,
  connect: () => OpsClient,
): Promise<number> {
  await using client = connect();
  return await printPlain({
    client,
    endpoint: place.socketPath(),
    json,
    unicode,
    columns: process.stdout.isTTY ? process.stdout.columns : PLAIN_COLUMNS,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}

async function openScreen({ options, place, connect, operatorId }: Opening): Promise<number> {
  const engine = options.embedded ? embed(place) : undefined;
  const live = await loadLive();
  const ending = await live.runLive({
    connect,
    operatorId,
    endpoint: place.socketPath(),
    startCommand: startCommandOf({ state: options.state, stateFolder: place.stateFolder }),
    readOnly: options.readOnly,
    theme: chooseTheme({ name: options.theme, unicode: options.unicode, noColor: process.env['NO_COLOR'] }),
    refreshMs: options.refreshMs,
    ended: engine === undefined ? undefined : endedEarly(engine),
  });
  if (ending.message !== undefined) process.stderr.write(`${ending.message}\n`);
  if (engine !== undefined) await stopEngine(engine);
  return ending.exitCode;
}

function embed({ stateFolder }: Place): EmbeddedEngine {
  const daemon = findDaemon();
  if ('problem' in daemon) throw new Error(daemon.problem);
  if (stateFolder === undefined) throw new Error('--embedded needs a state folder, not a socket');
  return startEngine({ bin: daemon.bin, stateFolder, cwd: process.cwd() });
}

/** An engine that could not start ends the screen with its last words; a held lock means that another one runs already. */
async function endedEarly(engine: EmbeddedEngine): Promise<Ending | undefined> {
  const { exitCode } = await engine.ended;
  if (exitCode === HELD_EXIT || exitCode === 0) return undefined;
  const code = exitCode === undefined ? 'a signal' : `exit code ${exitCode}`;
  return {
    exitCode: 1,
    message: `the engine this screen started ended with ${code}; its log is ${engine.logPath}:\n${engine.lastLines()}`,
  };
}

/** Leaving stops what this screen started, after saying so. An engine that was there before goes on. */
async function stopEngine(engine: EmbeddedEngine): Promise<void> {
  if (!engine.isRunning()) return;
  process.stdout.write(
    `stopping the engine this screen started (pid ${engine.pid}); running work may finish, ctrl-c ends it at once\n`,
  );
  const again = (): void => engine.stop();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, again);
  engine.stop();
  await engine.ended;
  process.stdout.write('stopped\n');
}

/**
 * Loads the screen. V8 is told first to keep its heap small, for a screen that stays open for weeks; and `fetch` is
 * hidden meanwhile, because the layout engine would load a whole HTTP client only to read its own bytes.
 */
async function loadLive(): Promise<typeof import('./live.tsx')> {
  v8.setFlagsFromString('--max-semi-space-size=2');
  v8.setFlagsFromString('--max-old-space-size=96');
  const { fetch } = globalThis;
  Reflect.deleteProperty(globalThis, 'fetch');
  try {
    return await import('./live.tsx');
  } finally {
    globalThis.fetch = fetch;
  }
}

function ownVersion(): string {
  // The bundle lies one folder deeper than the source.
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
        return String(manifest.version);
    } catch {
      // Not here; the next place is tried.
    }
  }
  return 'unknown';
}

/** A user without an entry in the account database is still a user: its number is its name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
