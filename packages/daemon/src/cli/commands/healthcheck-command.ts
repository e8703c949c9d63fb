import { connectSocket, isOpsException, resolveSocket, stateFolderOf } from '@qts-ops/core/client';
import { defineCommand, stateOption } from '../cli-command.ts';
import { durationOption } from '../duration-option.ts';
import { EXIT } from '../exit-codes.ts';
import { judgeLife } from '../life-verdict.ts';

export const healthcheckCommand = defineCommand({
  usage: 'healthcheck',
  summary: 'Say by the exit code alone whether the engine itself works, for containers',
  positionals: {},
  options: {
    'max-age': {
      type: 'string',
      default: '2m',
      requiresArg: true,
      describe: 'How old the newest look of a check may be',
    },
    timeout: {
      type: 'string',
      default: '5s',
      requiresArg: true,
      describe: 'How long the engine may take to answer',
    },
    ...stateOption,
  },
  exits: {
    [EXIT.ok]: 'the engine answers and gets on, whatever its checks find',
    [EXIT.failed]:
      'it does not answer in time, its checks do not look, its scheduler stands still, or the command line is wrong',
  },
  // Containers know two codes; 2 is reserved there.
  errorExit: EXIT.failed,
  examples: ['qts-ops healthcheck --max-age 90s'],
  async run(args, io) {
    const examples = '90s or 2m';
    const maxAgeMs = durationOption({ option: '--max-age', text: args['max-age'], examples });
    const timeoutMs = durationOption({ option: '--timeout', text: args.timeout, examples });
    const stateFolder = stateFolderOf({ state: args.state, env: io.env, cwd: io.cwd });
    await using client = connectSocket({
      socketPath: resolveSocket(stateFolder),
      operatorId: io.operatorId,
      timeoutMs,
    });
    try {
      const { lives, text } = judgeLife(await client.health(), maxAgeMs);
      io.out(`${lives ? 'ok' : 'fail'}: ${text}\n`);
      return lives ? EXIT.ok : EXIT.failed;
    } catch (error) {
      if (!isOpsException(error)) throw error;
      io.out(`fail: ${error.message}\n`);
      return EXIT.failed;
    }
  },
});
