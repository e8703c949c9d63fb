import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What the command line of the demo asks for. */
export interface DemoOptions {
  /** State folder of the engine and home of the desk's data; absolute. */
  readonly stateFolder: string;
  /** Absolute path of a file of real bars. */
  readonly barsPath?: string;
  /** True: the desk's own loop runs outside, and the engine only watches it. */
  readonly loop: boolean;
  readonly help: boolean;
}

/** How to call the demo. */
export const USAGE = `npm start -- [--bars FILE] [--loop] [--state DIR]

  --bars FILE   real bars (date,open,high,low,close,volume) instead of generated ones
  --loop        the desk's own loop runs outside the engine, which only watches it
  --state DIR   folder for everything that is written; default: .qts-ops beside the example`;

/** Reads the arguments; throws an error that names what cannot be followed. Paths start in `cwd`. */
export function parseDemoOptions(args: readonly string[], cwd: string): DemoOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { bars: text, state: text, loop: flag, help: { ...flag, short: 'h' } },
  });
  const { bars, state, loop, help } = values;
  return {
    stateFolder: state === undefined ? join(import.meta.dirname, '..', '.qts-ops') : resolve(cwd, state),
    ...(bars === undefined ? {} : { barsPath: resolve(cwd, bars) }),
    loop,
    help,
  };
}
