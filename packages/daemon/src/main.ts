import { readFileSync } from 'node:fs';
import { runCli } from './cli/build-cli.ts';
import { processIo } from './cli/cli-io.ts';

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that leaves (`| head`) or a closed log is not worth a crash.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const exitCode = await runCli(argv, processIo(), ownVersion());
  // A function of a target may go on for ever; the command is over nevertheless.
  process.exit(exitCode);
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(found);
}

if (import.meta.main) await main(process.argv.slice(2));
