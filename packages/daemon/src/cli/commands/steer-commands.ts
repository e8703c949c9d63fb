import { type CliCommand, defineCommand, jsonOption, reasonOption, stateOption } from '../cli-command.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';

export const pauseCommand = steerCommand(
  'pause',
  'Run no new slots of a target until it is resumed',
  'paused',
);
export const resumeCommand = steerCommand(
  'resume',
  'End a pause; slots that passed are not caught up',
  'resumed',
);
export const resetCommand = steerCommand(
  'reset',
  'Set the error counter to 0, which ends a suspension',
  'reset',
);

function steerCommand(act: 'pause' | 'resume' | 'reset', summary: string, done: string): CliCommand {
  return defineCommand({
    usage: `${act} <target>`,
    summary,
    positionals: { target: { type: 'string', demandOption: true, describe: 'Target of the act' } },
    options: { ...reasonOption, ...stateOption, ...jsonOption },
    examples: [`qts-ops ${act} prices --reason "vendor maintenance until noon"`],
    run: (args, io) =>
      askEngine(args, io, async (client) => {
        const result = await client[act](args.target, { reason: args.reason });
        if (args.json) printJson(io, result);
        else
          io.out(
            `${args.target}: ${done} (revision ${result.targetRevision ?? '-'}, audit ${result.auditSeq})\n`,
          );
        return EXIT.ok;
      }),
  });
}
