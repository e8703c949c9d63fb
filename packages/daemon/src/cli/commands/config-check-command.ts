import type { KeepConfig, WatchConfig } from '@qts-ops/core';
import { findConfig, formatExactDuration, opsException } from '@qts-ops/core/client';
import { defineCommand, jsonOption } from '../cli-command.ts';
import type { CliIo } from '../cli-io.ts';
import { printJson } from '../engine-door.ts';
import { EXIT } from '../exit-codes.ts';

export const configCheckCommand = defineCommand({
  usage: 'config check [file]',
  summary: 'Check a configuration and name every problem at once',
  positionals: { file: { type: 'string', describe: 'Configuration file; default: the nearest one' } },
  options: { ...jsonOption },
  exits: { [EXIT.ok]: 'the configuration can be used', [EXIT.badInput]: 'it has problems, or there is none' },
  async run(args, io) {
    const { describeConfig, loadConfig } = await import('@qts-ops/core');
    const config = await loadConfig(args.file ?? requireConfigFile(io));
    if (args.json) printJson(io, describeConfig(config));
    else {
      io.out(`${config.configPath ?? 'config'}: no problems\n`);
      io.out(
        `  instance ${config.instance}, environment ${config.environment}, time zone ${config.timeZone}\n`,
      );
      for (const { code, path, text } of config.warnings) {
        io.out(`  warning ${code} at ${path}: ${text.en}\n`);
      }
      for (const { id, work, timeoutMs } of config.targets) {
        io.out(`  target ${id} (${work.kind}), timeout ${formatExactDuration(timeoutMs)}\n`);
      }
      for (const line of [...keepLines(config.keep), ...watchLines(config.watch)]) io.out(`  ${line}\n`);
    }
    return EXIT.ok;
  },
});

function keepLines({ backup, retention }: KeepConfig): readonly string[] {
  if (backup === undefined) return ['no backup: nothing is ever deleted'];
  const copy = backup.copyTo === undefined ? 'no second copy' : `second copy in ${backup.copyTo}`;
  return [
    `backup to ${backup.to} (${backup.strategy}, ${backup.codec}), ${copy}`,
    ...backup.sources.map(({ id, path }) => `source ${id}: ${path}`),
    ...retention.map(({ match, keep, source }) => {
      const age = keep === 'forever' ? 'for ever' : formatExactDuration(keep);
      return `retention ${match}${source === undefined ? '' : ` of ${source}`}: kept ${age}`;
    }),
  ];
}

function watchLines({ channels, checks, alerts }: WatchConfig): readonly string[] {
  return [
    ...channels.map(({ id, definition }) => `channel ${id} (${definition.name})`),
    ...checks.map(({ id, judged }) => {
      return `check ${id}${judged.critical ? ' (critical)' : ''}, every ${formatExactDuration(judged.intervalMs)}`;
    }),
    ...alerts.routes.map(({ id, channels: to }) => `route ${id}: to ${to.join(', ')}`),
  ];
}

/** The nearest configuration of the folder the command runs in. */
export function requireConfigFile(io: CliIo): string {
  const found = findConfig(io.cwd);
  if (found !== undefined) return found;
  throw opsException('INP-0601', `no qts-ops.config.* in ${io.cwd} or above it`, { data: { cwd: io.cwd } });
}
