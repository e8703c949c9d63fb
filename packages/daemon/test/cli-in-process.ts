import { runCli } from '../src/cli/build-cli.ts';

/** What a command wrote, and its exit code. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, without a terminal: quicker than a process of its own, the same code below. */
export async function cliInProcess(cwd: string, ...args: readonly string[]): Promise<CliResult> {
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
      onParentEnd: () => () => undefined,
    },
    '0.0.0',
  );
  return { exitCode, out, err };
}
