import { EXECUTION_STATUSES, type OpsClient, opsException, RUN_TYPES } from '@qts-ops/core/client';
import { defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { executionText } from '../execution-text.ts';
import { EXIT } from '../exit-codes.ts';
import { followOutput } from '../follow-output.ts';
import { plainText, tableText } from '../text-table.ts';
import { executionColumns } from '../view-rows.ts';

export const executionsCommand = defineCommand({
  usage: 'executions [id]',
  summary: 'List executions, or show one with its output',
  positionals: { id: { type: 'string', describe: 'Execution to show; without it, the newest are listed' } },
  options: {
    log: { type: 'boolean', default: false, describe: 'With an id: also print its captured output' },
    follow: { type: 'boolean', default: false, describe: 'With an id: print its output until it has ended' },
    job: { type: 'string', requiresArg: true, describe: 'Only executions of this target' },
    status: { choices: EXECUTION_STATUSES, requiresArg: true, describe: 'Only executions in this status' },
    type: { choices: RUN_TYPES, requiresArg: true, describe: 'Only executions of this run type' },
    limit: { type: 'number', default: 20, requiresArg: true, describe: 'How many to list, 1 to 1000' },
    offset: { type: 'number', default: 0, requiresArg: true, describe: 'How many to leave out before' },
    ...stateOption,
    ...jsonOption,
  },
  examples: ['qts-ops executions --status FAILED --limit 5', 'qts-ops executions 0193… --follow'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      if (args.id !== undefined) return showOne(client, { ...args, id: args.id }, io);
      if (args.log || args.follow) {
        throw opsException('INP-0313', '--log and --follow: allowed only with the id of an execution');
      }
      const { job, status, type, limit, offset } = args;
      const page = await client.executions({ jobId: job, status, runType: type, limit, offset });
      if (args.json) {
        printJson(io, page);
        return EXIT.ok;
      }
      const { engine, atMs } = await client.snapshot();
      io.out(tableText(executionColumns({ timeZone: engine.timeZone, nowMs: atMs }), page.items, io));
      if (page.count > page.items.length) io.out(`${page.items.length} of ${page.count}\n`);
      return EXIT.ok;
    }),
});

interface OneExecution {
  readonly id: string;
  readonly log: boolean;
  readonly follow: boolean;
  readonly json: boolean;
}

async function showOne(client: OpsClient, args: OneExecution, io: CliIo): Promise<number> {
  if (args.follow) {
    const ended = await followOutput(client, args.id, (text) => io.out(args.json ? '' : plainText(text)));
    if (args.json) printJson(io, ended);
    else io.err(`${ended.id} ${ended.status}\n`);
    return EXIT.ok;
  }
  const detail = await client.execution(args.id);
  const output = args.log ? (await client.output(args.id, 0)).text : undefined;
  if (args.json) {
    printJson(io, output === undefined ? detail : { ...detail, output });
    return EXIT.ok;
  }
  const { engine } = await client.snapshot();
  io.out(executionText(detail, engine.timeZone));
  if (output !== undefined) io.out(`output:\n${plainText(output)}${output.endsWith('\n') ? '' : '\n'}`);
  return EXIT.ok;
}
