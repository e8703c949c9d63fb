import { isUuid, type OpsClient, opsException } from '@qts-ops/core/client';
import { defineCommand, jsonOption, reasonOption, stateOption } from '../cli-command.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';

export const stopCommand = defineCommand({
  usage: 'stop <execution>',
  summary: 'End a running execution as STOPPED',
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
      const executionId = isUuid(args.execution) ? args.execution : await runningOf(client, args.execution);
      const result = await client.stop(executionId, { reason: args.reason });
      if (args.json) printJson(io, result);
      else io.out(`${executionId}: asked to stop (audit ${result.auditSeq})\n`);
      return EXIT.ok;
    }),
});

async function runningOf(client: OpsClient, targetId: string): Promise<string> {
  const { running } = await client.target(targetId);
  if (running !== undefined) return running.executionId;
  throw opsException('INP-0308', `target ${targetId}: has no running execution to stop`, {
    data: { targetId },
  });
}
