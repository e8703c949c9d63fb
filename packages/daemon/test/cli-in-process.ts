import { runCli } from '../src/cli/build-cli.ts';
import type { CliIo } from '../src/cli/cli-io.ts';

/** What a command wrote, and its exit code. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, without a terminal: quicker than a process of its own, the same code below. */
export function cliInProcess(cwd: string, ...args: readonly string[]): Promise<CliResult> {
  return cliWith({}, cwd, ...args);
}

/** The same with some parts of the process replaced. */
export async function cliWith(
  changes: Partial<CliIo>,
  cwd: string,
  ...args: readonly string[]
): Promise<CliResult> {
  let out = '';
  let err = '';
  const exitCode = await runCli(
    args,
    {
      env: {},
      cwd,
      operatorId: 'tester',
      colored: false,
      talksToPerson: false,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      onEndRequest: () => () => undefined,
      endNow: () => undefined,
      onParentEnd: () => () => undefined,
      ...changes,
    },
    '0.0.0',
  );
  return { exitCode, out, err };
}
