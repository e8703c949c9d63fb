import type { OpsClient } from '@qts-ops/core/client';
import { type CliCommand, defineCommand, jsonOption, reasonOption, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { durationOption } from '../duration-option.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';
import { tableText } from '../text-table.ts';
import { contextOf } from './alerts-commands.ts';
import { alertColumns, channelColumns, silenceColumns } from './alerts-text.ts';

/** Open alerts that are looked at to say how many a new silence fits. */
const OPEN_READ_MAX = 1000;

const silenceCommand = defineCommand({
  usage: 'alerts silence <matchers..>',
  summary: 'Tell nobody of alerts that all matchers fit, for a while',
  positionals: {
    matchers: {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'label=value or label!=value; * stands for any text, such as job=prices level!=CRITICAL',
    },
  },
  options: {
    ...reasonOption,
    for: {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'How long, such as 2h; at most 30d',
    },
    'dry-run': { type: 'boolean', default: false, describe: 'Only list the open alerts it would fit' },
    ...stateOption,
    ...jsonOption,
  },
  examples: ['qts-ops alerts silence check=broker --for 2h --reason "exchange holiday, vendor is closed"'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const forMs = durationOption({ option: '--for', text: args.for, examples: '30m or 4h' });
      if (args['dry-run']) return preview(client, io, { ...args, forMs });
      const act = await client.silence({ matchers: args.matchers, forMs, reason: args.reason });
      if (args.json) {
        printJson(io, act);
        return EXIT.ok;
      }
      const { items, count } = await client.alerts({ open: true, limit: OPEN_READ_MAX });
      const fits = items.filter(({ silencedBy }) => silencedBy === act.silenceId).length;
      const open = `it fits ${fits} of ${Math.min(count, OPEN_READ_MAX)} open alerts now`;
      io.out(`silence ${act.silenceId ?? '-'} made (audit ${act.auditSeq}); ${open}\n`);
      return EXIT.ok;
    }),
});

interface PreviewWish {
  readonly matchers: readonly string[];
  readonly forMs: number;
  readonly json: boolean;
}

/** Says whom a silence would keep untold, before anybody makes it. */
async function preview(
  client: OpsClient,
  io: CliIo,
  { matchers, forMs, json }: PreviewWish,
): Promise<number> {
  const { alertsSilencedBy } = await import('@qts-ops/core');
  const { items, count } = await client.alerts({ open: true, limit: OPEN_READ_MAX });
  const fitting = alertsSilencedBy({ matchers, forMs }, items);
  if (json) {
    printJson(io, { items: fitting, count: fitting.length });
    return EXIT.ok;
  }
  if (fitting.length > 0) io.out(tableText(alertColumns(await contextOf(client)), fitting, io));
  io.out(
    `nothing was made; it would fit ${fitting.length} of ${Math.min(count, OPEN_READ_MAX)} open alerts\n`,
  );
  return EXIT.ok;
}

const silencesCommand = defineCommand({
  usage: 'alerts silences',
  summary: 'List active silences, newest first',
  positionals: {},
  options: {
    all: { type: 'boolean', default: false, describe: 'Also those that are over' },
    ...stateOption,
    ...jsonOption,
  },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const silences = (await client.silences()).filter(({ active }) => args.all || active);
      if (args.json) printJson(io, silences);
      else if (silences.length === 0) io.out('no silence is active\n');
      else io.out(tableText(silenceColumns(await contextOf(client)), silences, io));
      return EXIT.ok;
    }),
});

const expireCommand = defineCommand({
  usage: 'alerts expire <silence>',
  summary: 'End a silence before its time',
  positionals: { silence: { type: 'string', demandOption: true, describe: 'Silence' } },
  options: { ...reasonOption, ...stateOption, ...jsonOption },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const act = await client.expireSilence(args.silence, { reason: args.reason });
      if (args.json) printJson(io, act);
      else io.out(`silence ${args.silence} ended (audit ${act.auditSeq})\n`);
      return EXIT.ok;
    }),
});

const channelsCommand = defineCommand({
  usage: 'alerts channels',
  summary: 'Show how every channel is doing',
  positionals: {},
  options: { ...stateOption, ...jsonOption },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const channels = await client.channels();
      if (args.json) printJson(io, channels);
      else io.out(tableText(channelColumns(await contextOf(client)), channels, io));
      return EXIT.ok;
    }),
});

/** Commands about silences and channels. */
export const SILENCE_COMMANDS: readonly CliCommand[] = [
  silenceCommand,
  silencesCommand,
  expireCommand,
  channelsCommand,
];
