import { type ExecutionDetail, type JsonObject, opsException } from '@qts-ops/core/client';
import { defineCommand, jsonOption, reasonOption, stateOption } from '../cli-command.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { waitForEnd } from '../follow-output.ts';
import { plainLine } from '../text-table.ts';

export const triggerCommand = defineCommand({
  usage: 'trigger <target>',
  summary: 'Start a manual run of a target now',
  positionals: { target: { type: 'string', demandOption: true, describe: 'Target to run' } },
  options: {
    ...reasonOption,
    params: { type: 'string', requiresArg: true, describe: 'Parameters of the run, one JSON object' },
    parent: { type: 'string', requiresArg: true, describe: 'Ended execution this run resumes' },
    wait: { type: 'boolean', default: false, describe: 'Wait until the run has ended' },
    ...stateOption,
    ...jsonOption,
  },
  exits: {
    ...EXIT_MEANINGS,
    [EXIT.failed]: 'refused by the engine; with --wait also: the run did not succeed',
  },
  examples: ['qts-ops trigger prices --reason "vendor sent a corrected file" --wait'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const act = await client.trigger(args.target, {
        reason: args.reason,
        params: paramsOf(args.params),
        parentExecutionId: args.parent,
      });
      if (args.wait && act.executionId !== undefined) {
        const execution = await waitForEnd(client, act.executionId);
        if (args.json) printJson(io, { ...act, execution });
        else io.out(endText(execution));
        return execution.status === 'SUCCESS' ? EXIT.ok : EXIT.failed;
      }
      if (args.json) printJson(io, act);
      else io.out(`${args.target}: execution ${act.executionId ?? '-'} started (audit ${act.auditSeq})\n`);
      return EXIT.ok;
    }),
});

function endText({ jobId, id, status, errorCode, errorMessage }: ExecutionDetail): string {
  const why = errorCode === undefined ? '' : `  ${errorCode} ${errorMessage ?? ''}`;
  return `${jobId}: execution ${id} ${status}${plainLine(why)}\n`;
}

function paramsOf(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // Parsed JSON that is an object and no list.
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Told below, together with everything else that is no object.
  }
  throw opsException(
    'INP-0313',
    `--params: ${text.slice(0, 60)}; allowed: one JSON object, e.g. '{"date":"2026-11-20"}'`,
  );
}
