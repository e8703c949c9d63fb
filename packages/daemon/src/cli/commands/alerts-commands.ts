import {
  ALERT_LEVELS,
  ALERT_STATES,
  ALERT_TYPES,
  isUuid,
  type OpsClient,
  opsException,
} from '@qts-ops/core/client';
import { type CliCommand, defineCommand, jsonOption, reasonOption, stateOption } from '../cli-command.ts';
import { durationOption } from '../duration-option.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts';
import { plainLine, tableText } from '../text-table.ts';
import type { RowContext } from '../view-rows.ts';
import { showTest } from './alerts-test-preview.ts';
import { alertColumns, alertText } from './alerts-text.ts';

const alertPositional = {
  alert: { type: 'string', demandOption: true, describe: 'Alert, or the key of an open one' },
} as const;

const listCommand = defineCommand({
  usage: 'alerts list',
  summary: 'List open alerts, newest first',
  positionals: {},
  options: {
    all: { type: 'boolean', default: false, describe: 'Also those that are over' },
    level: { choices: ALERT_LEVELS, requiresArg: true, describe: 'Only this level' },
    type: { choices: ALERT_TYPES, requiresArg: true, describe: 'Only this kind' },
    status: { choices: ALERT_STATES, requiresArg: true, describe: 'Only in this state; stands for --all' },
    key: { type: 'string', requiresArg: true, describe: 'Only of this key, such as check:broker' },
    limit: { type: 'number', default: 20, requiresArg: true, describe: 'How many to list, 1 to 1000' },
    offset: { type: 'number', default: 0, requiresArg: true, describe: 'How many to leave out before' },
    ...stateOption,
    ...jsonOption,
  },
  isGroupDefault: true,
  examples: ['qts-ops alerts', 'qts-ops alerts list --all --level CRITICAL'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const { level, type, status, key, limit, offset } = args;
      const open = args.all || status !== undefined ? undefined : true;
      const query = { level, alertType: type, state: status, dedupKey: key, open, limit, offset };
      const page = await client.alerts(query);
      if (args.json) {
        printJson(io, page);
        return EXIT.ok;
      }
      if (page.count === 0) io.out(open === true ? 'no alert is open\n' : 'there is no such alert\n');
      else io.out(tableText(alertColumns(await contextOf(client)), page.items, io));
      if (page.count > page.items.length) io.out(`${page.items.length} of ${page.count}\n`);
      return EXIT.ok;
    }),
});

const showCommand = defineCommand({
  usage: 'alerts show <alert>',
  summary: 'Show one alert with its remedy and what became of its notices',
  positionals: alertPositional,
  options: { ...stateOption, ...jsonOption },
  examples: ['qts-ops alerts show check:broker'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const alert = await client.alert(await alertIdOf(client, args.alert));
      if (args.json) printJson(io, alert);
      else io.out(alertText(alert, await contextOf(client)));
      return EXIT.ok;
    }),
});

const ackCommand = defineCommand({
  usage: 'alerts ack <alert>',
  summary: 'Take an alert: reminders and escalation stop, its end is told all the same',
  positionals: alertPositional,
  options: {
    ...reasonOption,
    for: {
      type: 'string',
      requiresArg: true,
      describe: 'How long, such as 2h; default 4h for critical alerts, 24h for others; at most 30d',
    },
    sticky: { type: 'boolean', default: false, describe: 'Holds even when the level rises' },
    ...stateOption,
    ...jsonOption,
  },
  examples: ['qts-ops alerts ack check:broker --reason "vendor is informed, back at 14:00"'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const id = await alertIdOf(client, args.alert);
      const { reason, sticky } = args;
      const forMs =
        args.for === undefined
          ? undefined
          : durationOption({ option: '--for', text: args.for, examples: '30m or 4h' });
      const act = await client.acknowledge(id, { reason, forMs, ...(sticky ? { sticky } : {}) });
      if (args.json) printJson(io, act);
      else io.out(`${id}: taken (audit ${act.auditSeq})\n`);
      return EXIT.ok;
    }),
});

const unackCommand = defineCommand({
  usage: 'alerts unack <alert>',
  summary: 'Give an alert back; it is told again after a moment',
  positionals: alertPositional,
  options: { ...reasonOption, ...stateOption, ...jsonOption },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const id = await alertIdOf(client, args.alert);
      const act = await client.unacknowledge(id, { reason: args.reason });
      if (args.json) printJson(io, act);
      else io.out(`${id}: given back (audit ${act.auditSeq})\n`);
      return EXIT.ok;
    }),
});

const closeCommand = defineCommand({
  usage: 'alerts close <alert>',
  summary: 'Declare an alert finished; it comes back when its cause is seen twice more',
  positionals: alertPositional,
  options: { ...reasonOption, ...stateOption, ...jsonOption },
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const id = await alertIdOf(client, args.alert);
      const act = await client.closeAlert(id, { reason: args.reason });
      if (args.json) printJson(io, act);
      else io.out(`${id}: closed (audit ${act.auditSeq})\n`);
      return EXIT.ok;
    }),
});

const testCommand = defineCommand({
  usage: 'alerts test',
  summary: 'Send a test notice through one channel and wait for what becomes of it',
  positionals: {},
  options: {
    channel: { type: 'string', requiresArg: true, demandOption: true, describe: 'Id of the channel' },
    level: { choices: ALERT_LEVELS, default: 'CRITICAL', requiresArg: true, describe: 'Level of the notice' },
    'dry-run': {
      type: 'boolean',
      default: false,
      describe: 'Only show what would be sent; needs no engine, only the configuration',
    },
    config: {
      type: 'string',
      requiresArg: true,
      describe: 'Configuration of --dry-run; default: the nearest one',
    },
    ...stateOption,
    ...jsonOption,
  },
  exits: {
    ...EXIT_MEANINGS,
    [EXIT.ok]: 'the other side took the notice, or --dry-run showed it',
    [EXIT.failed]: 'it was refused, failed or was not answered in time',
  },
  examples: ['qts-ops alerts test --channel mail', 'qts-ops alerts test --channel mail --dry-run'],
  run: (args, io) => {
    const level = ALERT_LEVELS.find((one) => one === args.level) ?? 'CRITICAL';
    if (args['dry-run']) return showTest({ ...args, level }, io);
    return askEngine(args, io, async (client) => {
      const result = await client.testChannel(args.channel, level);
      if (args.json) printJson(io, result);
      else {
        const { delivered, text, attempts, durationMs } = result;
        io.out(`${delivered ? 'delivered' : 'not delivered'}: ${plainLine(text)}`);
        io.out(` (${attempts === 1 ? '1 attempt' : `${attempts} attempts`}, ${durationMs} ms)\n`);
      }
      return result.delivered ? EXIT.ok : EXIT.failed;
    });
  },
});

/** Commands about alerts themselves; those about silences and channels stand beside. */
export const ALERTS_COMMANDS: readonly CliCommand[] = [
  listCommand,
  showCommand,
  ackCommand,
  unackCommand,
  closeCommand,
  testCommand,
];

/** What rows need of the engine. */
export async function contextOf(client: OpsClient): Promise<RowContext> {
  const { engine, atMs } = await client.snapshot();
  return { timeZone: engine.timeZone, nowMs: atMs };
}

/** The alert that is meant: by its id, or as the open one of a key. */
async function alertIdOf(client: OpsClient, text: string): Promise<string> {
  if (isUuid(text)) return text;
  const { items } = await client.alerts({ dedupKey: text, open: true, limit: 1 });
  const [alert] = items;
  if (alert !== undefined) return alert.id;
  throw opsException('INP-0920', `alert: ${text}; allowed: the id of an alert, or the key of an open one`);
}
