import { randomUUID } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import type { OpsClient } from '@qts-ops/core/client';
import { render } from 'ink';
import { EngineLink } from './connect.ts';
import { Details } from './details.ts';
import type { Ending } from './ending.ts';
import { Feed } from './feed.ts';
import { HeapLimit } from './heap-limit.ts';
import { type ScreenClock, systemScreenClock } from './screen-clock.ts';
import { ScreenControl, type ScreenHost } from './screen-control.ts';
import { ScreenJob } from './screen-job.ts';
import { App } from './screens/app.tsx';
import { startState } from './state/screen-state.ts';
import { copyToTerminal, watchEnding, watchWrites } from './terminal-host.ts';
import type { Theme } from './theme.ts';
import { WriteMeter } from './write-meter.ts';

/** What the live screen is opened with. */
export interface LiveOptions {
  /** A new client for every attempt to connect. */
  readonly connect: () => OpsClient;
  readonly operatorId: string;
  /** What is shown until the engine has said its name: the socket. */
  readonly endpoint: string;
  /** What starts an engine there; default: `qts-ops run`. */
  readonly startCommand?: string | undefined;
  readonly readOnly: boolean;
  readonly theme: Theme;
  /** Least time between two frames that data ask for, ms. */
  readonly refreshMs?: number | undefined;
  /** Ends the screen when it resolves to an ending. */
  readonly ended?: Promise<Ending | undefined> | undefined;
  /** Whether to judge the terminal by how long writes to it take. Default true. */
  readonly measuresWrites?: boolean | undefined;
  readonly clock?: ScreenClock | undefined;
  readonly random?: (() => number) | undefined;
  readonly newRequestId?: (() => string) | undefined;
}

/** The compile cache is written only after the first frame, so that it does not delay it. */
const CACHE_AFTER_MS = 1_000;

/** Opens the live screen and stays until it is left; the terminal is the shell's again when this resolves. */
export async function runLive(options: LiveOptions): Promise<Ending> {
  const clock = options.clock ?? systemScreenClock;
  const { stdout } = process;
  const feed = new Feed(
    startState({
      operatorId: options.operatorId,
      endpoint: options.endpoint,
      startCommand: options.startCommand,
      readOnly: options.readOnly,
      size: { columns: stdout.columns, rows: stdout.rows },
      localMs: clock.nowMs(),
    }),
    clock,
    options.refreshMs,
  );
  const leaving = new AbortController();
  const link = new EngineLink({
    connect: options.connect,
    clock,
    random: options.random ?? Math.random,
    onMessage: (message) => feed.receive(message),
    onLink: (to) => feed.unlink(to),
  });
  const ending = watchEnding();
  const screen = openScreen(feed, link, { options, end: (how) => ending.end(how) });
  const heap = new HeapLimit();
  feed.subscribe(() => heap.look());
  const stopDetails = new Details(feed, () => link.client, clock).start();
  void options.ended?.then((how) => {
    if (how !== undefined) ending.end(how);
  });
  const linkEnded = link.run(leaving.signal);
  setTimeout(flushCompileCache, CACHE_AFTER_MS).unref();
  const how = await ending.ended;
  leaving.abort();
  stopDetails();
  feed.close();
  await screen.close();
  ending.close();
  await linkEnded;
  return how;
}

function openScreen(
  feed: Feed,
  link: EngineLink,
  { options, end }: { readonly options: LiveOptions; readonly end: (ending: Ending) => void },
): { close(): Promise<void> } {
  const stopWatching = watchWrites(options.measuresWrites === false ? () => undefined : slowDown(feed));
  const host: ScreenHost = {
    quit: () => end({ exitCode: 0 }),
    suspend: () => void job.suspend(),
    repaint: () => void job.repaint(),
    copy: copyToTerminal,
  };
  const control = new ScreenControl({
    feed,
    host,
    theme: options.theme,
    client: () => link.client,
    reconnect: () => link.reconnectNow(),
    newRequestId: options.newRequestId ?? randomUUID,
  });
  const job = new ScreenJob();
  const instance = render(<App feed={feed} control={control} theme={options.theme} job={job} />, {
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 60,
    interactive: process.stdout.isTTY,
    exitOnCtrlC: false,
    patchConsole: true,
  });
  instance.waitUntilExit().then(
    () => end({ exitCode: 0 }),
    (error: unknown) =>
      end({
        exitCode: 1,
        message: `qts-tui ended by an error: ${error instanceof Error ? error.stack : String(error)}`,
      }),
  );
  const onContinue = (): void => void job.repaint();
  process.on('SIGCONT', onContinue);
  return {
    close: async () => {
      process.off('SIGCONT', onContinue);
      instance.unmount();
      await instance.waitUntilExit().catch(() => undefined);
      stopWatching();
    },
  };
}

/** Makes the screen draw less often while the terminal does not keep up; to be told how long each write took. */
function slowDown(feed: Feed): (tookMs: number) => void {
  const meter = new WriteMeter();
  return (tookMs) => {
    const slowness = meter.note(tookMs);
    // Not from inside a write: the frame that is being written must end first.
    if (slowness !== feed.get().slowness) queueMicrotask(() => feed.act({ kind: 'slowness', slowness }));
  };
}
