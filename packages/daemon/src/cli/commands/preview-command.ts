import path from 'node:path';
import { formatInstant, INSTANT_ALLOWED, opsException, parseInstant } from '@qts-ops/core/client';
import { defineCommand, jsonOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { previewText } from '../preview-text.ts';
import { requireConfigFile } from './config-check-command.ts';

/** Longest preview in days; beyond it a simulation tells more than a list. */
const DAYS_MAX = 366;

export const previewCommand = defineCommand({
  usage: 'preview',
  summary: 'Say which slots of the next days will run and which will not, and why; needs no engine',
  positionals: {},
  options: {
    days: {
      type: 'string',
      default: '7',
      requiresArg: true,
      describe: `Length of the span, 1 to ${DAYS_MAX}`,
    },
    from: {
      type: 'string',
      requiresArg: true,
      describe: `Begin of the span: ${INSTANT_ALLOWED}; default: now`,
    },
    target: { type: 'string', requiresArg: true, describe: 'Only this target' },
    config: { type: 'string', requiresArg: true, describe: 'Configuration file; default: the nearest one' },
    lang: {
      choices: ['en', 'ko'],
      default: 'en',
      requiresArg: true,
      describe: 'Language of the explanations',
    },
    ...jsonOption,
  },
  exits: { [EXIT.ok]: 'previewed', [EXIT.badInput]: 'the configuration or an option cannot be used' },
  examples: [
    'qts-ops preview --days 3 --target pipeline',
    'qts-ops preview --from 2026-09-21 --days 7 --lang ko',
  ],
  async run(args, io) {
    const { loadConfig, previewConfig } = await import('@qts-ops/core');
    const config = await loadConfig(configPathOf(args.config, io));
    const days = readDays(args.days);
    const targetId = args.target;
    const known = config.targets.map(({ id }) => id);
    if (targetId !== undefined && !known.includes(targetId)) {
      throw opsException('INP-0306', `target: ${targetId}; allowed: ${known.join(', ')}`, {
        data: { targetId },
      });
    }
    const from =
      args.from === undefined
        ? undefined
        : readInstant('from', { text: args.from, timeZone: config.timeZone });
    const question = { fromMs: from ?? Date.now(), includesFrom: from !== undefined, days, targetId };
    const preview = previewConfig(config, question);
    if (args.json) {
      const [fromText, to] = [preview.fromMs, preview.toMs].map((ms) => formatInstant(ms, config.timeZone));
      printJson(io, { from: fromText, to, timeZone: config.timeZone, ...preview });
    } else {
      const { columns, colored } = io;
      const look = { language: args.lang, timeZone: config.timeZone, columns, colored };
      io.out(previewText(preview, look));
    }
    return EXIT.ok;
  },
});

/** Absolute path of the named configuration, or of the nearest one. */
export function configPathOf(named: string | undefined, io: CliIo): string {
  return named === undefined ? requireConfigFile(io) : path.resolve(io.cwd, named);
}

/** A moment as it was written, and where in a config it counts. */
interface WrittenInstant {
  readonly text: string;
  readonly timeZone: string;
  /** What a date alone means: its first millisecond (default) or its last. */
  readonly edge?: 'start' | 'end' | undefined;
}

/** @throws INP-0301 for a text that is neither a date nor an instant. */
export function readInstant(field: string, { text, timeZone, edge }: WrittenInstant): number {
  const instantMs = parseInstant(text, timeZone, edge ?? 'start');
  if (instantMs !== undefined) return instantMs;
  throw opsException('INP-0301', `${field}: '${text}'; allowed: ${INSTANT_ALLOWED}`, { data: { field } });
}

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= DAYS_MAX) return days;
  throw opsException('INP-0301', `days: '${text}'; allowed: 1 … ${DAYS_MAX}`, { data: { field: 'days' } });
}
