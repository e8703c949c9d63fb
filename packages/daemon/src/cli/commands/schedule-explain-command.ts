import { formatInstant, opsException } from '@qts-ops/core/client';
import { defineCommand, jsonOption } from '../cli-command.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';

const labels = { en: { next: 'next', note: 'note' }, ko: { next: '다음', note: '참고' } } as const;

export const scheduleExplainCommand = defineCommand({
  usage: 'schedule explain <expression>',
  summary: 'Say in words when a cron expression runs, what is unusual about it and when it runs next',
  positionals: {
    expression: {
      type: 'string',
      demandOption: true,
      describe: "Five or six fields in quotes, such as '0 17 * * 1-5', or @daily and its like",
    },
  },
  options: {
    zone: {
      type: 'string',
      default: 'UTC',
      requiresArg: true,
      describe: 'Time zone whose clock counts, such as Asia/Seoul',
    },
    lang: {
      choices: ['en', 'ko'],
      default: 'en',
      requiresArg: true,
      describe: 'Language of the explanation',
    },
    'day-match': {
      choices: ['and', 'or'],
      requiresArg: true,
      describe: 'How two restricted day fields go together; without it both readings are shown',
    },
    'dst-gap': {
      choices: ['run', 'skip'],
      default: 'run',
      requiresArg: true,
      describe: 'What happens to times that the clock jumps over',
    },
    ...jsonOption,
  },
  exits: { [EXIT.ok]: 'explained', [EXIT.badInput]: 'not an expression, or not a time zone' },
  examples: [
    "qts-ops schedule explain '0 17 * * 1-5' --zone Asia/Seoul --lang ko",
    "qts-ops schedule explain '0 9 1-7 * 1' --day-match and",
  ],
  async run(args, io) {
    const { explainExpression, nodeCronGrammar } = await import('@qts-ops/core');
    const { expression, zone: timeZone, lang: language, json } = args;
    const [dayMatch, dstGap] = [args['day-match'], args['dst-gap']];
    const context = { timeZone, dayMatch, dstGap, language, nowMs: Date.now() };
    const explained = explainExpression(expression, nodeCronGrammar, context);
    if (!explained.ok) throw notExplained(expression, explained.problems);
    const { text, notes, undecided } = explained;
    const next = explained.nextSlots.map((slotMs) => formatInstant(slotMs, timeZone));
    if (json) {
      printJson(io, { expression, timeZone, dayMatch, dstGap, text, notes, undecided, next });
      return EXIT.ok;
    }
    const label = labels[language];
    io.out(`${text}\n`);
    for (const slot of next) io.out(`  ${label.next}  ${slot}\n`);
    for (const note of notes) io.out(`  ${label.note}  ${note}\n`);
    return EXIT.ok;
  },
});

interface Problem {
  readonly field: string;
  readonly value: string;
  readonly message: string;
}

/** One error that names every field that is wrong, each on its own line. */
function notExplained(expression: string, problems: readonly Problem[]): Error {
  const lines = problems.map(({ field, message }) => `  ${field}: ${message}`);
  const shown = problems.map(({ field, value }) => ({ field, value }));
  return opsException('INP-0301', [`'${expression}' cannot be explained:`, ...lines].join('\n'), {
    data: { expression, problems: shown },
  });
}
