import { readFileSync } from 'node:fs';
import { opsException } from '@qts-ops/core/client';
import { runCli } from './cli/build-cli.ts';
import './cli/cli-errors.ts';
import { processIo } from './cli/cli-io.ts';
import { printError } from './cli/error-text.ts';
import { EXIT } from './cli/exit-codes.ts';

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const io = processIo();
  const lost: Error[] = [];
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that leaves (`| head`) has what it wanted; a full disk has not.
    if (error.code !== 'EPIPE') lost.push(error);
  });
  // A closed log is not worth a crash.
  process.stderr.on('error', () => undefined);
  const exitCode = await runCli(argv, io, ownVersion());
  // What went wrong with the last text is told after it.
  await new Promise((resolve) => setImmediate(resolve));
  const [error] = lost;
  if (error !== undefined) {
    printError(io, opsException('SYS-0413', `standard output: ${error.message}`, { cause: error }));
  }
  // A function of a target may go on for ever; the command is over nevertheless.
  process.exit(error !== undefined && exitCode === EXIT.ok ? EXIT.failed : exitCode);
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(found);
}

if (import.meta.main) await main(process.argv.slice(2));
