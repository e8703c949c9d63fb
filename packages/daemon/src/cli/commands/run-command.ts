import path from 'node:path';
import { stateFolderOf } from '@qts-ops/core/client';
import { defineCommand, stateOption } from '../cli-command.ts';
import { EXIT } from '../exit-codes.ts';
import { requireConfigFile } from './config-check-command.ts';

export const runCommand = defineCommand({
  usage: 'run',
  summary: 'Run the engine in the foreground until it is asked to end',
  positionals: {},
  options: {
    config: { type: 'string', requiresArg: true, describe: 'Configuration file; default: the nearest one' },
    ...stateOption,
    'end-with-parent': {
      type: 'boolean',
      hidden: true,
      describe: 'Drain when the process that started this one, over its channel, is gone',
    },
  },
  exits: {
    [EXIT.ok]: 'ended as asked: the first SIGTERM or SIGINT drains, the second ends running work at once',
    [EXIT.failed]: 'the engine failed',
    [EXIT.badInput]: 'the configuration cannot be used',
    [EXIT.held]: 'another engine holds the state folder',
  },
  async run(args, io) {
    const configPath = args.config === undefined ? requireConfigFile(io) : path.resolve(io.cwd, args.config);
    const stateFolder = stateFolderOf({ state: args.state, config: configPath, env: io.env, cwd: io.cwd });
    // Only this command pays for loading the engine.
    const { runEngine } = await import('../run-engine.ts');
    const endsWithParent = args['end-with-parent'] === true;
    return runEngine({ configPath, stateFolder, endsWithParent }, io);
  },
});
