import path from 'node:path';
import { findError, isOpsException, type OpsException, remedyOf } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { EXIT, signalExit } from './exit-codes.ts';
import { shellWord } from './shell-word.ts';
import { plainText } from './text-table.ts';

/** What the command line said that a remedy has to say, too. */
interface Said {
  /** The option `--state`, as it was written. */
  readonly state?: string | undefined;
}

/** Writes an error to stderr: `code: message`, then one `remedy:` line a step. */
export function printError(io: CliIo, error: unknown, said: Said = {}): void {
  if (!isOpsException(error)) {
    io.err(`SYS-9999: ${error instanceof Error ? plainText(error.stack ?? error.message) : String(error)}\n`);
    io.err('remedy: report this as a fault of qts-ops, with the lines above\n');
    return;
  }
  io.err(`${error.code}: ${plainText(error.message)}\n`);
  for (const step of stepsOf(error, io, said)) io.err(`remedy: ${plainText(step)}\n`);
}

/** An engine that is started without the folder that was asked for would be another one. */
function stepsOf(error: OpsException, { cwd }: CliIo, { state }: Said): readonly string[] {
  const steps = remedyOf(error);
  if (error.code !== 'EXT-0105' || state === undefined) return steps;
  const command = `qts-ops run --state ${shellWord(path.resolve(cwd, state))}`;
  return [`Start the engine with: ${command}, or name another folder with --state.`, ...steps.slice(1)];
}

/** Exit code for an error that ends a command. */
export function exitOf(error: unknown): number {
  if (!isOpsException(error)) return EXIT.failed;
  const signal = error.code === 'BAT-0506' ? error.data?.['signal'] : undefined;
  if (typeof signal === 'string') return signalExit(signal);
  const known = findError(error.code)?.definition.cliExit;
  // An engine may refuse with a code that this program has not loaded or does not know yet.
  return known ?? (error.category === 'INP' ? EXIT.badInput : EXIT.failed);
}
