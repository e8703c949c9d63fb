import type { Options } from 'yargs';
import type { CliCommand } from './cli-command.ts';
import { COMMANDS } from './commands/command-list.ts';
import { EXIT_MEANINGS } from './exit-codes.ts';

/** The reference page of the command line, made from the commands themselves. */
export function cliReference(): string {
  return [
    '# `qts-ops` on the command line',
    '',
    'Generated from the commands by `packages/daemon/test/write-reference.ts`; do not edit.',
    '',
    'Results go to standard output, messages and errors to standard error. An error is `code: message`, below it a',
    'line for each problem where there are several, and a line `remedy: …` for each step. Output is coloured on a terminal',
    "unless `NO_COLOR` is set. Times are shown in the engine's time zone.",
    '',
    'The state folder is `--state`, else `QTS_OPS_STATE`, else `.qts-ops` beside the nearest configuration.',
    '',
    '## Exit codes',
    '',
    ...exitTable(EXIT_MEANINGS),
    '',
    'Commands that mean something else by a code say so below.',
    ...COMMANDS.flatMap(commandLines),
    '',
  ].join('\n');
}

function commandLines(command: CliCommand): readonly string[] {
  const { usage, summary, positionals, options, exits, examples } = command;
  const rows = [
    ...Object.entries(positionals).map(([name, { describe, demandOption }]) => {
      return `| \`${name}\` | ${demandOption === true ? 'required' : ''} | ${describe ?? ''} |`;
    }),
    ...Object.entries(options).flatMap(([name, option]) => {
      return option.hidden === true
        ? []
        : `| \`--${name}\`${valueText(option)} | ${defaultText(option)} | ${option.describe ?? ''} |`;
    }),
  ];
  return [
    '',
    `## \`qts-ops ${usage}\``,
    '',
    `${summary}.`,
    ...(rows.length === 0 ? [] : ['', '| argument | default | meaning |', '| --- | --- | --- |', ...rows]),
    ...(exits === EXIT_MEANINGS ? [] : ['', ...exitTable(exits)]),
    ...(examples.length === 0 ? [] : ['', '```sh', ...examples, '```']),
  ];
}

function exitTable(exits: Readonly<Record<number, string>>): readonly string[] {
  const rows = Object.entries(exits).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return ['| exit code | meaning |', '| --- | --- |', ...rows];
}

function valueText({ type, choices }: Options): string {
  if (choices !== undefined) return ` ${choices.map((choice) => `\`${String(choice)}\``).join(' ')}`;
  return type === 'boolean' || type === undefined ? '' : ` ${type}`;
}

function defaultText({ demandOption, default: given, type }: Options): string {
  if (demandOption === true) return 'required';
  return given === undefined || type === 'boolean' ? '' : `\`${String(given)}\``;
}
