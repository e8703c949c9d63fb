/** `npm start`: the paper desk with its engine and the screen. See README.md. */
import { parseDemoOptions, USAGE } from './demo/demo-options.ts';
import { DemoProblem } from './demo/demo-problem.ts';
import { findPrograms } from './demo/demo-programs.ts';

// Everything that was started has been stopped by now: nothing that is still open may keep the terminal waiting.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseDemoOptions(args, process.env['INIT_CWD'] ?? process.cwd());
    if (options.help) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    findPrograms();
    // Loads the built engine, so what has not been built must have been said before.
    const { runDemo } = await import('./demo/demo-run.ts');
    return await runDemo(options, {
      env: process.env,
      isInteractive: isTerminal(),
      say: (line) => void process.stderr.write(`demo: ${line}\n`),
    });
  } catch (error) {
    if (error instanceof DemoProblem) return problem(error.message, 1);
    if (isUsageError(error)) return problem(`${error.message}\n\n${USAGE}`, 2);
    throw error;
  }
}

/** The same question that the screen asks itself. */
function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
}

function problem(message: string, exitCode: number): number {
  process.stderr.write(`demo: ${message}\n`);
  return exitCode;
}

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
