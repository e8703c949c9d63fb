import { defineCommand, jsonOption } from '../cli-command.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { foldedText } from '../keep-text.ts';
import { deskOptions, openDesk } from './backup-desk.ts';

export const retentionExplainCommand = defineCommand({
  usage: 'retention explain <path>',
  summary: 'Which rule matches a file, and why it may go or stays; needs no engine',
  positionals: {
    path: { type: 'string', demandOption: true, describe: 'File, from here or relative to a source' },
  },
  options: { ...deskOptions, ...jsonOption },
  exits: { [EXIT.ok]: 'explained', [EXIT.badInput]: 'there is no such file, or the config cannot be used' },
  examples: ['qts-ops retention explain data/raw/20261101.jsonl'],
  async run(args, io) {
    const { explainFile } = await import('@qts-ops/core');
    const explained = explainFile(await openDesk(args, io), args.path, io.cwd);
    const { source, path, expired, reason, rules } = explained;
    if (args.json) printJson(io, explained);
    else {
      const verdict = expired ? 'may go, once a verified backup holds it' : 'stays';
      const matching = rules.length === 0 ? 'none' : rules.join('; ');
      io.out(
        foldedText([`${source}: ${path}`, `  ${verdict}: ${reason}`, `  rules that match: ${matching}`], io),
      );
    }
    return EXIT.ok;
  },
});
