import { defineCommand, jsonOption } from '../cli-command.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { sizeText } from '../size-text.ts';
import { printOutcome } from './backup-command.ts';
import { deskOptions, freeReasonOption, hereOption, openDesk, runAct } from './backup-desk.ts';

export const drillCommand = defineCommand({
  usage: 'drill',
  summary: 'Try out whether the newest backups come back, every byte of them, and measure how long it takes',
  positionals: {},
  options: {
    full: { type: 'boolean', default: false, describe: 'Restore into backup.drillRoot and compare there' },
    ...freeReasonOption,
    ...hereOption,
    ...deskOptions,
    ...jsonOption,
  },
  exits: { ...EXIT_MEANINGS, [EXIT.failed]: 'a backup does not come back' },
  examples: ['qts-ops drill', 'qts-ops drill --full --here'],
  async run(args, io) {
    const { full, source, here, reason } = args;
    const desk = await openDesk(args, io);
    const outcome = await runAct(desk, io, { act: 'drill', full, source, here, reason });
    if (outcome.kind === 'execution' || args.json) return printOutcome(outcome, io, args.json);
    for (const { source: id, backupId = '-', files = 0, bytes = 0, durationMs = 0 } of outcome.report
      .sources) {
      const how = full ? 'restored' : 'read';
      const seconds = (durationMs / 1000).toFixed(2);
      io.out(
        `${id}: every file equal, ${files} files, ${sizeText(bytes)}, ${how} in ${seconds} s (backup ${backupId})\n`,
      );
    }
    return EXIT.ok;
  },
});
