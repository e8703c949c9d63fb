import { createOps, functionOrigin, leaveLastWord, loadConfig, type Ops, socketPathOf } from '@qts-ops/core';
import { serveSocket } from '../api/serve-socket.ts';
import type { CliIo } from './cli-io.ts';
import { printError } from './error-text.ts';
import { EXIT } from './exit-codes.ts';
import { type Logger, logEvent, type RunEvent, runLogger } from './run-log.ts';

/** What an engine is run with. */
export interface EngineRun {
  readonly configPath: string;
  readonly stateFolder: string;
  /** Drains when the process that started this one is gone. */
  readonly endsWithParent: boolean;
}

/** Runs the engine of a configuration, with its admin API, until it has ended; returns the exit code. */
export async function runEngine(run: EngineRun, io: CliIo): Promise<number> {
  const { configPath, stateFolder, endsWithParent } = run;
  const config = await loadConfig(configPath);
  const logger = runLogger(io, config);
  const ops = createOps({ config, stateFolder, logger });
  const forget = endOnRequest(ops, io, { logger, endsWithParent });
  const listen = hearErrors(ops, logger);
  try {
    await ops.start();
    return await serveUntilEnd(ops, io, logger);
  } finally {
    listen.end();
    forget();
  }
}

/**
 * Hears of errors that nobody caught. A rejected promise must not end the engine for every other target: the run that
 * left it fails. After an error thrown in a callback nobody knows what still holds: the engine ends at once, like one
 * that is killed, and leaves a note for its next start.
 */
function hearErrors(ops: Ops, logger: Logger): { end(): void } {
  const onRejection = (reason: unknown) => {
    const origin = functionOrigin();
    const fields = { event: 'engine.stray-rejection', ...origin, error: stackOf(reason) };
    logger.error('a promise was rejected and nobody waited for it', fields);
    ops.noteStray(reason, origin);
  };
  const onException = (error: unknown) => {
    const { stateFolder, config } = ops;
    const origin = leaveLastWord({ stateFolder, error, secrets: config.secrets });
    const fields = { event: 'engine.died', ...origin, error: stackOf(error) };
    logger.error(
      'an error that nobody caught ends the engine; its next start closes what was running',
      fields,
    );
    process.exit(EXIT.failed);
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    end: () => {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * First request: drain. Second: abort. Each further one changes nothing. That the parent is gone is a first request only:
 * it may have asked before, and work that is running may finish all the same.
 */
function endOnRequest(
  ops: Ops,
  io: CliIo,
  { logger, endsWithParent }: Pick<EngineRun, 'endsWithParent'> & { readonly logger: Logger },
): () => void {
  let requests = 0;
  const end = (signal: string) => {
    requests += 1;
    const draining = requests === 1;
    const what = draining ? 'ends after running work; once more ends it at once' : 'ends running work now';
    logger.info(`${signal}: ${what}`, { event: 'engine.asked-to-end', signal });
    // What goes wrong there is told where the end of the engine is waited for.
    (draining ? ops.drain() : ops.abort()).catch(() => undefined);
  };
  const onParentEnd = () => {
    if (requests === 0) end('the program that started it is gone');
  };
  const undo = [io.onEndRequest(end), ...(endsWithParent ? [io.onParentEnd(onParentEnd)] : [])];
  return () => {
    for (const step of undo) step();
  };
}

async function serveUntilEnd(ops: Ops, io: CliIo, logger: Logger): Promise<number> {
  const { config } = ops;
  const socketPath = socketPathOf(ops.stateFolder);
  const onFault = (error: unknown, request: string) => {
    logger.error(`fault while answering ${request}`, { event: 'api.faulted', error: String(error) });
  };
  const server = await serveSocket(ops, socketPath, { onFault }).catch(async (error: unknown) => {
    await ops.drain();
    throw error;
  });
  const unsubscribe = ops.subscribe((event) => {
    // Name and payload belong together; the bus types them apart.
    logEvent(logger, event as RunEvent);
  });
  logger.info(`${config.instance} ${config.environment} runs ${config.targets.length} targets`, {
    event: 'engine.started',
    pid: process.pid,
    socket: socketPath,
    stateFolder: ops.stateFolder,
  });
  const { error } = await ops.ended;
  unsubscribe();
  await server.close();
  if (error !== undefined) {
    printError(io, error);
    return EXIT.failed;
  }
  logger.info('ended', { event: 'engine.ended' });
  return EXIT.ok;
}
