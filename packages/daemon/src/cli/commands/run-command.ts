import path from 'node:path';
import { createOps, loadConfig, type Ops, socketPathOf } from '@qts-ops/core';
import { stateFolderOf } from '@qts-ops/core/client';
import { serveSocket } from '../../api/serve-socket.ts';
import { defineCommand, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printError } from '../error-text.ts';
import { EXIT } from '../exit-codes.ts';
import { type RunLine, RunNarrator, writeLine } from '../run-lines.ts';
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
    [EXIT.failed]: 'the engine failed, or the state folder belongs to a running engine',
    [EXIT.badInput]: 'the configuration cannot be used',
  },
  async run(args, io) {
    const configPath = args.config === undefined ? requireConfigFile(io) : path.resolve(io.cwd, args.config);
    const stateFolder = stateFolderOf({ state: args.state, config: configPath, env: io.env, cwd: io.cwd });
    const config = await loadConfig(configPath);
    const ops = createOps({ config, stateFolder });
    const forget = endOnRequest(ops, io);
    try {
      await ops.start();
      return await serveUntilEnd(ops, io);
    } finally {
      forget();
    }
  },
});

/** First request: drain. Second: abort. Each further one changes nothing. */
function endOnRequest(ops: Ops, io: CliIo): () => void {
  let requests = 0;
  return io.onEndRequest((signal) => {
    requests += 1;
    const draining = requests === 1;
    const what = draining ? 'ends after running work; once more ends it at once' : 'ends running work now';
    say(ops, io, { level: 'info', event: 'engine.asked-to-end', message: `${signal}: ${what}` });
    (draining ? ops.drain() : ops.abort()).catch((error: unknown) => printError(io, error));
  });
}

async function serveUntilEnd(ops: Ops, io: CliIo): Promise<number> {
  const socketPath = socketPathOf(ops.stateFolder);
  const narration = new AbortController();
  const onFault = (error: unknown, request: string) => {
    io.err(`fault while answering ${request}\n`);
    printError(io, error);
  };
  const server = await serveSocket(ops, socketPath, { onFault }).catch(async (error: unknown) => {
    await ops.drain();
    throw error;
  });
  const narrated = narrate(ops, io, narration.signal);
  const { config } = ops;
  const message = `${config.instance} ${config.environment}: ${config.targets.length} targets, pid ${process.pid}, socket ${socketPath}`;
  say(ops, io, { level: 'info', event: 'engine.started', message, fields: { pid: process.pid, socketPath } });
  const { error } = await ops.ended;
  narration.abort();
  await Promise.all([server.close(), narrated]);
  if (error === undefined) {
    say(ops, io, { level: 'info', event: 'engine.ended', message: 'ended' });
    return EXIT.ok;
  }
  printError(io, error);
  return EXIT.failed;
}

/** Writes a line for whatever is worth one, until the engine has ended. */
async function narrate(ops: Ops, io: CliIo, signal: AbortSignal): Promise<void> {
  const narrator = new RunNarrator();
  await using client = ops.client({ operatorId: 'system:daemon', method: 'system' });
  try {
    for await (const message of client.watch(signal)) {
      for (const line of narrator.linesOf(message)) writeLine(io, line, ops.config.timeZone);
    }
  } catch (error) {
    // The engine's end is told by its own line.
    if (!signal.aborted) await ops.ended.then((end) => end.error === undefined || printError(io, error));
  }
}

function say(ops: Ops, io: CliIo, line: Omit<RunLine, 'atMs'>): void {
  writeLine(io, { ...line, atMs: Date.now() }, ops.config.timeZone);
}
