import path from 'node:path';
import { findConfig, stateFolderOf } from '@qts-ops/core/client';
import { defineCommand, jsonOption, stateOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import type { DoctorCheck } from '../doctor/doctor-check.ts';
import { printJson } from '../engine-door.ts';
import { STATUS_EXIT } from '../exit-codes.ts';
import { type CellStyle, plainLine, plainText, tableText } from '../text-table.ts';

const styles: Readonly<Record<DoctorCheck['status'], CellStyle>> = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
};

export const doctorCommand = defineCommand({
  usage: 'doctor',
  summary:
    'Look at everything an engine stands on: config, clock, zones, calendars, disk, store, socket; needs no engine',
  positionals: {},
  options: {
    config: { type: 'string', requiresArg: true, describe: 'Configuration file; default: the nearest one' },
    ...stateOption,
    ...jsonOption,
  },
  exits: {
    [STATUS_EXIT.ok]: 'every check is ok',
    [STATUS_EXIT.warn]: 'something needs a person soon',
    [STATUS_EXIT.fail]: 'something does not work, or the command line is wrong',
  },
  errorExit: STATUS_EXIT.fail,
  examples: ['qts-ops doctor --json'],
  async run(args, io) {
    const checks = await allChecks(args, io);
    const worst = worstOf(checks);
    if (args.json) printJson(io, { status: worst, checks });
    else {
      io.out(checksText(checks, io));
      for (const { id, status, remedy } of checks) {
        if (remedy !== undefined) io.out(`${status} ${id}: ${plainText(remedy)}\n`);
      }
    }
    return STATUS_EXIT[worst];
  },
});

async function allChecks(
  args: { readonly config?: string | undefined; readonly state?: string | undefined },
  io: CliIo,
): Promise<readonly DoctorCheck[]> {
  const { engineChecks, nodeCheck } = await import('../doctor/engine-checks.ts');
  const { clockCheck, readClocks, zoneCheck } = await import('../doctor/clock-checks.ts');
  const { checkConfig, zonesOf } = await import('../doctor/config-checks.ts');
  const { stateChecks } = await import('../doctor/state-checks.ts');
  const { noConfigCheck } = await import('../doctor/doctor-check.ts');
  const clocks = await readClocks();
  const file = args.config === undefined ? findConfig(io.cwd) : path.resolve(io.cwd, args.config);
  const found =
    file === undefined ? { checks: [noConfigCheck(io.cwd)] } : await checkConfig(file, clocks.nowMs);
  const zones = 'config' in found && found.config !== undefined ? zonesOf(found.config) : [];
  const always = [nodeCheck(process.versions.node), ...found.checks, clockCheck(clocks)];
  const zone = zoneCheck(zones, clocks.nowMs, { tz: process.versions['tz'], icu: process.versions['icu'] });
  const isKnown = file !== undefined || args.state !== undefined || (io.env['QTS_OPS_STATE'] ?? '') !== '';
  if (!isKnown) return [...always, zone];
  const stateFolder = stateFolderOf({ state: args.state, config: file, env: io.env, cwd: io.cwd });
  const { askOfChannels, channelChecks } = await import('../doctor/channel-checks.ts');
  const asked = await askOfChannels(stateFolder, io.operatorId);
  const engine = engineChecks(stateFolder, asked);
  return [...always, zone, ...stateChecks(stateFolder), ...engine, ...channelChecks(asked)];
}

function worstOf(checks: readonly DoctorCheck[]): DoctorCheck['status'] {
  if (checks.some(({ status }) => status === 'fail')) return 'fail';
  return checks.some(({ status }) => status === 'warn') ? 'warn' : 'ok';
}

function checksText(checks: readonly DoctorCheck[], io: CliIo): string {
  const table = tableText<DoctorCheck>(
    [
      { title: 'STATE', cell: ({ status }) => status, style: ({ status }) => styles[status] },
      { title: 'CHECK', cell: ({ id }) => id },
      { title: 'FOUND', cell: ({ text }) => text.split('\n')[0] ?? '' },
    ],
    checks,
    // What was found is never cut: it is what the command is asked for.
    { colored: io.colored },
  );
  const [title = '', ...rows] = table.trimEnd().split('\n');
  // Problems of a configuration are several lines each; they stand below the row that counts them.
  const below = checks.map(({ text }) => text.split('\n').slice(1).map(plainLine));
  const lines = rows.flatMap((row, index) => [row, ...(below[index] ?? [])]);
  return `${[title, ...lines].join('\n')}\n`;
}
