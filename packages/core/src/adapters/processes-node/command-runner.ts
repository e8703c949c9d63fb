import { resolve } from 'node:path';
import type { CommandWork } from '../../ports/target.ts';
import type { WorkHandle, WorkOutcome, WorkRunner, WorkStart } from '../../ports/work-runner.ts';
import { notOurKind } from '../../run/executions/work-errors.ts';
import { endedHandle, type GroupEnd, ProcessGroupRun } from './process-group.ts';
import { stateFolderName } from './process-scan.ts';
import { runEnvironment } from './run-environment.ts';

/** What every child of an engine shares. */
export interface ChildRunnerOptions {
  /** The engine's state folder; children carry it, so that leftovers of a dead engine can be found. */
  readonly stateFolder: string;
  /** Working folder of work that names none: the folder of the config. Absolute. */
  readonly folder: string;
  /** Environment that children inherit; that of this process when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Runs programs, each in a process group of its own. A child is told who it is through variables
 * (QTS_EXECUTION_ID, QTS_TARGET_ID, QTS_FENCE, QTS_SLOT, QTS_PARAMS, QTS_OPS_STATE) and may report its progress
 * as JSON lines on the descriptor that QTS_PROGRESS_FD names. Nothing it started survives the run.
 */
export function commandRunner(options: ChildRunnerOptions): WorkRunner {
  return {
    start: (work, start) =>
      work.kind === 'command'
        ? startCommand(work, start, options)
        : endedHandle(notOurKind('command', work.kind)),
  };
}

function startCommand(work: CommandWork, start: WorkStart, options: ChildRunnerOptions): WorkHandle {
  const stateFolder = stateFolderName(options.stateFolder);
  const inherited = options.environment ?? process.env;
  const run = new ProcessGroupRun(
    {
      command: work.command,
      args: work.args,
      cwd: resolve(options.folder, work.cwd ?? '.'),
      env: runEnvironment(start, { inherited, added: work.env, stateFolder }),
      stateFolder,
    },
    start,
  );
  return {
    settled: run.ended.then((end) => (end.kind === 'ended' ? commandOutcome(end, work.exitCodes) : end)),
    requestStop: () => run.terminate(),
    kill: () => {
      run.kill();
      return true;
    },
  };
}

/** What an exit means: 0 is success, any other code is what the map says, a failure when it says nothing. */
export function commandOutcome(end: GroupEnd, exitCodes: CommandWork['exitCodes']): WorkOutcome {
  const { exitCode, detail } = end;
  if (exitCode === undefined) return { kind: 'signalled', signal: end.signal ?? 'unknown', detail };
  const success = exitCode === 0 || exitCodes[String(exitCode)] === 'success';
  return { kind: 'exited', exitCode, success, detail };
}
