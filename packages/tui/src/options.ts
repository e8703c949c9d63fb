import { parseDurationMs } from '@qts-ops/core/client';
import yargs from 'yargs';
import { REFRESH_MS } from './feed.ts';
import { THEME_NAMES, type ThemeName } from './theme.ts';

/** What the command line asks for. */
export interface TuiOptions {
  readonly state: string | undefined;
  readonly socket: string | undefined;
  readonly once: boolean;
  readonly json: boolean;
  readonly embedded: boolean;
  readonly theme: ThemeName;
  readonly unicode: boolean;
  readonly refreshMs: number;
  readonly readOnly: boolean;
}

/** Frames that data ask for come at most so often; faster would only cost. */
const REFRESH_LEAST_MS = 100;

/** Parses the command line. Help and version are printed here; then there is nothing left to do and it returns undefined. */
export async function parseOptions(
  argv: readonly string[],
  version: string,
): Promise<TuiOptions | undefined> {
  let asked = false;
  const parser = withOptions([...argv])
    .version(version)
    .help()
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new TypeError(message);
    });
  const parsed = await parser.parseAsync([...argv], {}, (_error, _args, output) => {
    if (output === '') return;
    asked = true;
    process.stdout.write(`${output}\n`);
  });
  if (asked) return undefined;
  const { state, socket, once, json, embedded = false, theme, unicode, readOnly, refresh } = parsed;
  return { state, socket, once, json, embedded, theme, unicode, readOnly, refreshMs: refreshOf(refresh) };
}

function refreshOf(text: string): number {
  const refreshMs = parseDurationMs(text);
  if (refreshMs < REFRESH_LEAST_MS) throw new RangeError(`--refresh ${text}: at least ${REFRESH_LEAST_MS}ms`);
  return refreshMs;
}

function withOptions(argv: string[]) {
  return yargs(argv)
    .scriptName('qts-tui')
    .usage('$0 [options]\n\nThe screen of a qts-ops engine: see its targets and executions, and steer them.')
    .option('state', {
      type: 'string',
      requiresArg: true,
      describe: 'State folder of the engine; default: QTS_OPS_STATE, else .qts-ops beside the nearest config',
    })
    .option('socket', {
      type: 'string',
      requiresArg: true,
      describe: 'Socket of the engine, instead of a state folder',
      conflicts: ['state', 'embedded'],
    })
    .option('embedded', {
      type: 'boolean',
      // No default: yargs would count it as given, and it would exclude --socket always.
      describe: 'Start an engine for this screen, and stop it on leaving; attach when one runs already',
    })
    .option('once', {
      type: 'boolean',
      default: false,
      describe: 'Print the targets once and exit: 0 ok, 1 warn, 2 fail, 3 unknown',
    })
    .option('json', { type: 'boolean', default: false, describe: 'As --once, in JSON' })
    .option('read-only', { type: 'boolean', default: false, describe: 'No acts from this screen' })
    .option('theme', {
      choices: THEME_NAMES,
      default: 'dark' as const,
      describe: 'Colours; NO_COLOR always means mono',
    })
    .option('unicode', {
      type: 'boolean',
      default: false,
      describe: 'Shapes outside ASCII beside the state words',
    })
    .option('refresh', {
      type: 'string',
      requiresArg: true,
      default: `${REFRESH_MS}ms`,
      describe: 'Least time between two frames that data ask for',
    });
}
