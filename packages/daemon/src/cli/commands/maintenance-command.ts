import { type CliCommand, defineCommand, jsonOption, reasonOption } from '../cli-command.ts';
import { printJson } from '../engine-door.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { planText } from '../keep-text.ts';
import { printOutcome } from './backup-command.ts';
import { deskOptions, hereOption, openDesk, runAct } from './backup-desk.ts';

export const maintenancePlanCommand = defineCommand({
  usage: 'maintenance plan',
  summary: 'What the next run would back up and delete, and why the rest stays; needs no engine',
  positionals: {},
  options: {
    source: { type: 'string', requiresArg: true, describe: 'Only this source; default: all of them' },
    kept: { type: 'boolean', default: false, describe: 'List the files that stay, with their reasons' },
    ...deskOptions,
    ...jsonOption,
  },
  async run(args, io) {
    const { expiredText, keptText, previewSources } = await import('@qts-ops/core');
    const desk = await openDesk(args, io);
    const previews = await previewSources(desk, args.source === undefined ? undefined : [args.source]);
    const texts = { expired: expiredText, kept: keptText };
    if (args.json) printJson(io, previews);
    else
      for (const preview of previews)
        io.out(planText(preview, texts, { showKept: args.kept, columns: io.columns }));
    return EXIT.ok;
  },
});

export const maintenanceRunCommand = defineCommand({
  usage: 'maintenance run',
  summary: 'Back up what expired, verify that backup, and delete what it holds',
  positionals: {},
  options: { ...reasonOption, ...hereOption, ...deskOptions, ...jsonOption },
  exits: {
    ...EXIT_MEANINGS,
    [EXIT.failed]: 'it failed, or a part of it was not done; nothing unproven was deleted',
  },
  examples: ['qts-ops maintenance run --reason "the disk is nearly full"'],
  async run(args, io) {
    const { source, here, reason } = args;
    const desk = await openDesk(args, io);
    const outcome = await runAct(desk, io, { act: 'maintenance', full: false, source, here, reason });
    return printOutcome(outcome, io, args.json);
  },
});

/** Commands about the clean-up. */
export const maintenanceCommands: readonly CliCommand[] = [maintenancePlanCommand, maintenanceRunCommand];
