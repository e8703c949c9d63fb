import {
  connectSocket,
  isOpsException,
  type OpsClient,
  opsException,
  type PingRequest,
  resolveSocket,
  stateFolderOf,
} from '@qts-ops/core/client';
import { defineCommand, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printError } from '../error-text.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { runWrapped } from './heartbeat-program.ts';

export const heartbeatCommand = defineCommand({
  usage: 'heartbeat <key> [command..]',
  summary: 'Tell the engine that work elsewhere began or ended, or run a program and tell it of both',
  positionals: {
    key: { type: 'string', demandOption: true, describe: 'Key that a heartbeat_in check waits for' },
    command: {
      type: 'string',
      array: true,
      describe: 'After --: a program to run; its exit code becomes the one of this command',
    },
  },
  options: {
    start: { type: 'boolean', default: false, describe: 'It has begun' },
    fail: { type: 'boolean', default: false, describe: 'It has failed' },
    exit: { type: 'number', requiresArg: true, describe: 'It has ended with this exit code' },
    run: { type: 'string', requiresArg: true, describe: 'Id of the run; joins a start with its end' },
    ...stateOption,
  },
  exits: {
    ...EXIT_MEANINGS,
    [EXIT.noEngine]:
      'no engine answers; a program that was given runs all the same, and its exit code is given',
  },
  examples: ['qts-ops heartbeat nightly', 'qts-ops heartbeat nightly -- ./export.sh --all'],
  async run(args, io) {
    const { key, start, fail, exit, run: runId } = args;
    const command = [...(args.command ?? []), ...wordsAfterDashes(args)];
    const said = [start, fail, exit !== undefined].filter(Boolean).length;
    if (said > 1 || (said > 0 && command.length > 0)) {
      throw opsException('INP-0313', '--start, --fail, --exit and a command: allowed is one of them');
    }
    const stateFolder = stateFolderOf({ state: args.state, env: io.env, cwd: io.cwd });
    const { operatorId } = io;
    await using client = connectSocket({ socketPath: resolveSocket(stateFolder), operatorId });
    if (command.length > 0) return await wrap(client, { key, command, runId, state: args.state }, io);
    await client.ping(key, { ...signOf({ start, fail, exit }), runId });
    return EXIT.ok;
  },
});

/** What stands after `--` is nobody's option; the parser keeps it apart. */
function wordsAfterDashes(args: object): readonly string[] {
  const words: unknown = '--' in args ? args['--'] : [];
  return Array.isArray(words) ? words.map(String) : [];
}

function signOf(said: {
  readonly start: boolean;
  readonly fail: boolean;
  readonly exit: number | undefined;
}): Pick<PingRequest, 'kind' | 'exitCode'> {
  if (said.start) return { kind: 'start' };
  if (said.fail) return { kind: 'fail' };
  const { exit } = said;
  return exit === undefined ? { kind: 'success' } : { kind: exit === 0 ? 'success' : 'fail', exitCode: exit };
}

interface Wrapped {
  readonly key: string;
  readonly command: readonly string[];
  readonly runId: string | undefined;
  /** The option, as it was written. */
  readonly state: string | undefined;
}

/** The work matters more than the sign of it: an engine that cannot be told keeps no program from running. */
async function wrap(client: OpsClient, wrapped: Wrapped, io: CliIo): Promise<number> {
  const { key, command, runId, state } = wrapped;
  const id = runId ?? `${process.pid}-${Date.now()}`;
  await tell(io, state, client.ping(key, { kind: 'start', runId: id }));
  const { exitCode, tail } = await runWrapped(command, io);
  const kind = exitCode === 0 ? 'success' : 'fail';
  await tell(io, state, client.ping(key, { kind, exitCode, body: tail, runId: id }));
  return exitCode;
}

async function tell(io: CliIo, state: string | undefined, ping: Promise<void>): Promise<void> {
  try {
    await ping;
  } catch (error) {
    if (!isOpsException(error)) throw error;
    printError(io, error, { state });
  }
}
