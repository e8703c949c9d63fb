import path from 'node:path';
import { defineCommand } from '../cli-command.ts';
import { EXIT } from '../exit-codes.ts';

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
    io.out(`next: qts-ops config check ${configPath}\n`);
    io.out(`then: cd ${folder} && qts-ops run\n`);
    return EXIT.ok;
  },
});
