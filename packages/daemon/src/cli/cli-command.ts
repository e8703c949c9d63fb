import type { InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { CliIo } from './cli-io.ts';
import { EXIT_MEANINGS } from './exit-codes.ts';

export type OptionTable = Readonly<Record<string, Options>>;
export type PositionalTable = Readonly<Record<string, PositionalOptions>>;

/** Options of every command that asks a running engine or starts one. */
export const stateOption = {
  state: {
    type: 'string',
    requiresArg: true,
    describe: 'State folder; default: QTS_OPS_STATE, else .qts-ops beside the nearest config',
  },
} as const satisfies OptionTable;

/** Option of every command that prints what it read. */
export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'Print JSON instead of a table' },
} as const satisfies OptionTable;

/** Option of every command that changes something. */
export const reasonOption = {
  reason: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'Why: at least 10 characters besides spaces; stands in the audit log',
  },
} as const satisfies OptionTable;

/** One command as help, reference page and parser see it. */
export interface CliCommand {
  /** Words and positionals: `trigger <target>`. */
  readonly usage: string;
  readonly summary: string;
  readonly positionals: PositionalTable;
  readonly options: OptionTable;
  readonly exits: Readonly<Record<number, string>>;
  readonly examples: readonly string[];
  /** Exit code of every error, for a command whose codes mean something of their own. */
  readonly errorExit?: number | undefined;
  /** True for the command of a group that is meant when only the group is named. */
  readonly isGroupDefault?: boolean | undefined;
  run(args: Readonly<Record<string, unknown>>, io: CliIo): Promise<number>;
}

interface CommandSpec<P extends PositionalTable, O extends OptionTable> {
  readonly usage: string;
  readonly summary: string;
  readonly positionals: P;
  readonly options: O;
  /** Only where a code means something else than everywhere. */
  readonly exits?: Readonly<Record<number, string>>;
  readonly examples?: readonly string[];
  readonly errorExit?: number | undefined;
  readonly isGroupDefault?: boolean | undefined;
  /** Returns the exit code. */
  run(args: InferredOptionTypes<P> & InferredOptionTypes<O>, io: CliIo): Promise<number>;
}

/** Declares a command; its arguments are typed by its own tables. */
export function defineCommand<const P extends PositionalTable, const O extends OptionTable>(
  spec: CommandSpec<P, O>,
): CliCommand {
  return {
    ...spec,
    exits: spec.exits ?? EXIT_MEANINGS,
    examples: spec.examples ?? [],
    // The parser has checked the arguments against the same tables.
    run: (args, io) => spec.run(args as InferredOptionTypes<P> & InferredOptionTypes<O>, io),
  };
}
