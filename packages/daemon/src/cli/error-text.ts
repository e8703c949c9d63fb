import { findError, isOpsException, remedyOf } from '@qts-ops/core/client';
import type { CliIo } from './cli-io.ts';
import { EXIT, signalExit } from './exit-codes.ts';
import { plainText } from './text-table.ts';

/** Writes an error to stderr: `code: message`, then one `remedy:` line a step. */
export function printError(io: CliIo, error: unknown): void {
  if (!isOpsException(error)) {
    io.err(`SYS-9999: ${error instanceof Error ? plainText(error.stack ?? error.message) : String(error)}\n`);
    io.err('remedy: report this as a fault of qts-ops, with the lines above\n');
    return;
  }
  io.err(`${error.code}: ${plainText(error.message)}\n`);
  for (const step of remedyOf(error)) io.err(`remedy: ${plainText(step)}\n`);
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
