import yargs, { type Argv } from 'yargs';
import type { CliCommand, OptionTable } from './cli-command.ts';
import './cli-errors.ts';
import type { CliIo } from './cli-io.ts';
import { COMMANDS } from './commands/command-list.ts';
import { exitOf, printError } from './error-text.ts';
import { EXIT } from './exit-codes.ts';
import { requireValues, USAGE_STRINGS, usageError } from './usage-errors.ts';

/** Parses a command line, runs its command and returns the exit code; never throws. */
export async function runCli(argv: readonly string[], io: CliIo, version: string): Promise<number> {
  let exitCode: number = EXIT.ok;
  const remember = (code: number) => {
    exitCode = code;
  };
  try {
    await buildParser(argv, io, remember)
      .version(version)
      .parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    printError(io, error, { state: stateIn(argv) });
    return errorExitOf(argv) ?? exitOf(error);
  }
}

/** The exit code of any error of a command whose codes mean something of their own. */
function errorExitOf(argv: readonly string[]): number | undefined {
  return meantBy(argv)?.errorExit;
}

/** The option --state of a command line, however it ended; what stands after `--` is nobody's option. */
function stateIn(argv: readonly string[]): string | undefined {
  const ours = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const at = ours.findLastIndex((word) => word === '--state' || word.startsWith('--state='));
  return ours[at] === '--state' ? ours[at + 1] : ours[at]?.slice('--state='.length);
}

/** The command that a command line begins with. */
function meantBy(argv: readonly string[]): CliCommand | undefined {
  const named = COMMANDS.find(({ usage }) =>
    literalWords(usage).every((word, index) => word === argv[index]),
  );
  return named ?? COMMANDS.find((one) => one.isGroupDefault === true && groupOf(one) === argv[0]);
}

/** The words of a command that are typed as they stand. */
function literalWords(usage: string): readonly string[] {
  return usage.split(' ').filter((word) => /^\w/.test(word));
}

function buildParser(argv: readonly string[], io: CliIo, remember: (exitCode: number) => void): Argv {
  const parser = yargs()
    .scriptName('qts-ops')
    .usage(
      '$0 <command>\n\nRuns an unattended system: starts its work on time, keeps every run on record, obeys operators.',
    )
    .locale('en')
    .updateStrings(USAGE_STRINGS)
    .exitProcess(false)
    .parserConfiguration({
      // Without it only the last of several positionals would count: one glob of a hold, one matcher of a silence.
      'duplicate-arguments-array': true,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .strict()
    .demandCommand(1, 'name a command; `qts-ops --help` lists them')
    .recommendCommands()
    .help()
    .alias('h', 'help')
    .wrap(Math.min(110, io.columns ?? 110))
    .fail((message, error) => {
      // The parser's own errors are refusals, too: those of commands come with a code.
      throw isParserError(error) ? usageError(error?.message ?? message, meantBy(argv)) : error;
    });
  for (const [group, commands] of Map.groupBy(COMMANDS, groupOf)) {
    if (group !== '') addGroup(parser, commands, { io, remember });
    else for (const command of commands) addCommand(parser, command, { io, remember });
  }
  return parser;
}

function isParserError(error: Error | undefined): boolean {
  return error === undefined || error.name === 'YError';
}

interface Running {
  readonly io: CliIo;
  readonly remember: (exitCode: number) => void;
}

function addCommand(parser: Argv, command: CliCommand, { io, remember }: Running): void {
  parser.command(
    command.isGroupDefault === true ? [wordsBelowGroup(command), '$0'] : wordsBelowGroup(command),
    command.summary,
    (builder: Argv) => {
      for (const [name, positional] of Object.entries(command.positionals))
        builder.positional(name, positional);
      for (const example of command.examples) builder.example(example, '');
      return builder.options(onceGiven(command.options)).epilogue(exitText(command));
    },
    async (args) => {
      requireValues(args, command);
      remember(await command.run(args, io));
    },
  );
}

/** Of an option that takes one value and is given several times, the last counts. */
function onceGiven(options: OptionTable): OptionTable {
  const last = (value: unknown) => (Array.isArray(value) ? value.at(-1) : value);
  const entries = Object.entries(options).map(([name, option]) => {
    return [name, option.array === true ? option : { ...option, coerce: last }] as const;
  });
  return Object.fromEntries(entries);
}

/** Commands of two words: `config check`. */
function addGroup(parser: Argv, commands: readonly CliCommand[], running: Running): void {
  const group = groupOf(commands[0]);
  parser.command(group, `Commands about the ${group}`, (builder: Argv) => {
    for (const command of commands) addCommand(builder, command, running);
    if (commands.some(({ isGroupDefault }) => isGroupDefault === true)) return builder;
    return builder.demandCommand(1, `name a command; \`qts-ops ${group} --help\` lists them`);
  });
}

/** The first word of a command when another word follows it; '' for the others. */
function groupOf(command: CliCommand | undefined): string {
  return /^(\w+) \w/.exec(command?.usage ?? '')?.[1] ?? '';
}

function wordsBelowGroup(command: CliCommand): string {
  return command.usage.slice(groupOf(command).length).trimStart();
}

function exitText({ exits }: CliCommand): string {
  const lines = Object.entries(exits).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}
