import { isUuid, type OpsClient, opsException } from '@qts-ops/core/client';
import { defineCommand, jsonOption, reasonOption, stateOption } from '../cli-command.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';

export const stopCommand = defineCommand({
  usage: 'stop <execution>',
  summary: 'End a running or waiting execution as STOPPED',
  positionals: {
    execution: {
      type: 'string',
      demandOption: true,
      describe: 'Execution, or the target whose run is meant',
    },
  },
  options: { ...reasonOption, ...stateOption, ...jsonOption },
  examples: ['qts-ops stop prices --reason "wrong file was delivered"'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const executionId = isUuid(args.execution) ? args.execution : await activeOf(client, args.execution);
      const result = await client.stop(executionId, { reason: args.reason });
      if (args.json) printJson(io, result);
      else io.out(`${executionId}: asked to stop (audit ${result.auditSeq})\n`);
      return EXIT.ok;
    }),
});

/** What goes on of a target; else what has waited longest. */
async function activeOf(client: OpsClient, targetId: string): Promise<string> {
  const { running } = await client.target(targetId);
  if (running !== undefined) return running.executionId;
  const { items } = await client.executions({ jobId: targetId, status: 'READY', limit: 1000 });
  const oldest = items.at(-1);
  if (oldest !== undefined) return oldest.id;
  throw opsException(
    'INP-0308',
    `target ${targetId}: has no running execution to stop, and none that waits`,
    {
      data: { targetId },
    },
  );
}
