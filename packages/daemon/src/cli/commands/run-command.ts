import path from 'node:path';
import { createOps, loadConfig, type Ops, socketPathOf, stateFolderOf } from '@qts-ops/core';
import { serveSocket } from '../../api/serve-socket.ts';
import { defineCommand, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printError } from '../error-text.ts';
import { EXIT } from '../exit-codes.ts';
import { type Logger, logEvent, type RunEvent, runLogger } from '../run-log.ts';
import { requireConfigFile } from './config-check-command.ts';

export const runCommand = defineCommand({
  usage: 'run',
  summary: 'Run the engine in the foreground until it is asked to end',
  positionals: {},
  options: {
    config: { type: 'string', requiresArg: true, describe: 'Configuration file; default: the nearest one' },
    ...stateOption,
  },
  exits: {
    [EXIT.ok]: 'ended as asked: the first SIGTERM or SIGINT drains, the second ends running work at once',
    [EXIT.failed]: 'the engine failed',
    [EXIT.badInput]: 'the configuration cannot be used',
    [EXIT.held]: 'another engine holds the state folder',
  },
  async run(args, io) {
    const configPath = args.config === undefined ? requireConfigFile(io) : path.resolve(io.cwd, args.config);
    const stateFolder = stateFolderOf({ state: args.state, config: configPath, env: io.env, cwd: io.cwd });
    const config = await loadConfig(configPath);
    const logger = runLogger(io, config);
    const ops = createOps({ config, stateFolder, logger });
    const forget = endOnRequest(ops, io, logger);
    try {
      await ops.start();
      return await serveUntilEnd(ops, io, logger);
    } finally {
      forget();
    }
  },
});

/** First request: drain. Second: abort. Each further one changes nothing. */
function endOnRequest(ops: Ops, io: CliIo, logger: Logger): () => void {
  let requests = 0;
  return io.onEndRequest((signal) => {
    requests += 1;
    const draining = requests === 1;
    const what = draining ? 'ends after running work; once more ends it at once' : 'ends running work now';
    logger.info(`${signal}: ${what}`, { event: 'engine.asked-to-end', signal });
    (draining ? ops.drain() : ops.abort()).catch((error: unknown) => printError(io, error));
  });
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
