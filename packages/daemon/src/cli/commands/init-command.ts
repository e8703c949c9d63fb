import path from 'node:path';
import { defineCommand } from '../cli-command.ts';
import { EXIT } from '../exit-codes.ts';
import { shellWord } from '../shell-word.ts';

export const initCommand = defineCommand({
  usage: 'init [folder]',
  summary: 'Write a configuration that runs as it is',
  positionals: { folder: { type: 'string', describe: 'Where to write it; default: this folder' } },
  options: {
    format: {
      choices: ['ts', 'yaml', 'json'],
      default: 'ts',
      requiresArg: true,
      describe: 'Language of the configuration',
    },
  },
  exits: { [EXIT.ok]: 'written', [EXIT.badInput]: 'the folder holds a configuration already' },
  async run(args, io) {
    const { initConfig } = await import('@qts-ops/core');
    const folder = path.resolve(io.cwd, args.folder ?? '.');
    const { configPath, files } = initConfig(folder, { format: args.format });
    for (const file of files) io.out(`wrote ${file}\n`);
    // Whoever has the command only through npx has it in this folder alone.
    const program = io.env['npm_command'] === 'exec' ? 'npx qts-ops' : 'qts-ops';
    io.out(`next: ${program} config check ${shellWord(configPath)}\n`);
    io.out(`then: ${program} run --config ${shellWord(configPath)}\n`);
    return EXIT.ok;
  },
});
