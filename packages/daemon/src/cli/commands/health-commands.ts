import { type HealthCheckView, type HealthView, type OpsClient, opsException } from '@qts-ops/core/client';
import { type CliCommand, defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { askEngine, printJson } from '../engine-door.ts';
import { STATUS_EXIT } from '../exit-codes.ts';
import { tableText } from '../text-table.ts';
import { contextOf } from './alerts-commands.ts';
import { explainText, healthColumns, healthLine } from './health-text.ts';

const exits = {
  [STATUS_EXIT.ok]: 'pass',
  [STATUS_EXIT.warn]: 'warn: something is not well, and nothing critical fails',
  [STATUS_EXIT.fail]: 'fail: a critical check fails; of one check: it fails',
  [STATUS_EXIT.unknown]: 'unknown: nobody could look, no engine answers, or the command line is wrong',
};
const EXIT_OF = {
  pass: STATUS_EXIT.ok,
  warn: STATUS_EXIT.warn,
  fail: STATUS_EXIT.fail,
  unknown: STATUS_EXIT.unknown,
} as const;
const shared = { exits, errorExit: STATUS_EXIT.unknown };

const listCommand = defineCommand({
  ...shared,
  usage: 'health list',
  summary: 'List all checks and what they say together',
  positionals: {},
  options: {
    bad: { type: 'boolean', default: false, describe: 'Only checks that do not pass' },
    ...stateOption,
    ...jsonOption,
  },
  isGroupDefault: true,
  examples: ['qts-ops health', 'qts-ops health list --bad'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const health = await client.health();
      const checks = health.checks.filter(({ status }) => !args.bad || status !== 'pass');
      if (args.json) printJson(io, { ...health, checks });
      else await printChecks({ client, io }, health, checks);
      return EXIT_OF[health.status];
    }),
});

const runCommand = defineCommand({
  ...shared,
  usage: 'health run [checks..]',
  summary: 'Let checks look now and wait for what they find',
  positionals: {
    checks: { type: 'string', array: true, describe: 'Checks; without any, all of them' },
  },
  options: { ...stateOption, ...jsonOption },
  examples: ['qts-ops health run broker'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const named = args.checks ?? [];
      const health = await client.runChecks(named);
      const all = named.length === 0;
      const checks = health.checks.filter(({ id }) => all || named.includes(id));
      if (args.json) printJson(io, { ...health, checks });
      else await printChecks({ client, io }, health, checks);
      return all ? EXIT_OF[health.status] : Math.max(...checks.map(({ status }) => EXIT_OF[status]));
    }),
});

const explainCommand = defineCommand({
  ...shared,
  usage: 'health explain <check>',
  summary: 'Explain one check: what it says, why, and what follows from it',
  positionals: { check: { type: 'string', demandOption: true, describe: 'Check' } },
  options: { ...stateOption, ...jsonOption },
  examples: ['qts-ops health explain self-store'],
  run: (args, io) =>
    askEngine(args, io, async (client) => {
      const { checks } = await client.health();
      const check = checks.find(({ id }) => id === args.check);
      if (check === undefined) {
        const known = checks.map(({ id }) => id).slice(0, 30);
        throw opsException('INP-0904', `check ${args.check}: there is none; allowed: ${known.join(', ')}`);
      }
      if (args.json) printJson(io, check);
      else io.out(explainText(check, await contextOf(client)));
      return EXIT_OF[check.status];
    }),
});

/** Commands about health. */
export const HEALTH_COMMANDS: readonly CliCommand[] = [listCommand, runCommand, explainCommand];

async function printChecks(
  { client, io }: { readonly client: OpsClient; readonly io: CliIo },
  health: HealthView,
  checks: readonly HealthCheckView[],
): Promise<void> {
  io.out(healthLine(health));
  if (checks.length > 0) io.out(tableText(healthColumns(await contextOf(client)), checks, io));
}
