import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { IsolatedWork } from '../../ports/target.ts';
import type { WorkHandle, WorkOutcome, WorkRunner, WorkStart } from '../../ports/work-runner.ts';
import { notOurKind, notStarted } from '../../run/executions/work-errors.ts';
import type { ChildRunnerOptions } from './command-runner.ts';
import {
  CONTROL_LINE_MAX_BYTES,
  controlLine,
  errorFrom,
  type IsolatedEnd,
  parseIsolatedEnd,
} from './isolated-messages.ts';
import { LineReader } from './line-reader.ts';
import { endedHandle, type GroupEnd, type GroupSpec, ProcessGroupRun } from './process-group.ts';
import { stateFolderName } from './process-scan.ts';
import { runEnvironment } from './run-environment.ts';

/** What isolated children share. */
export interface IsolatedRunnerOptions extends ChildRunnerOptions {
  /** Further arguments of Node for every child, such as `--max-old-space-size=512` or an `--import`. */
  readonly nodeArguments?: readonly string[] | undefined;
}

/**
 * Runs an exported function in a child process of its own, so that one that spins, leaks or crashes can be killed
 * and harms nothing else. The child is a process group with the same promises as a command; it ends itself,
 * with its group, when the engine dies (at once, unless the function never yields).
 */
export function isolatedRunner(options: IsolatedRunnerOptions): WorkRunner {
  return {
    start: (work, start) =>
      work.kind === 'isolated'
        ? startIsolated(work, start, options)
        : endedHandle(notOurKind('isolated', work.kind)),
  };
}

function startIsolated(work: IsolatedWork, start: WorkStart, options: IsolatedRunnerOptions): WorkHandle {
  const module = moduleUrl(work.module);
  if (module === undefined) {
    const message = `module: "${work.module}"; allowed: an absolute path or a file URL; correct the target`;
    return endedHandle(notStarted('BAT-0403', message, { module: work.module }));
  }
  const told: { end?: IsolatedEnd | undefined } = {};
  const lines = new LineReader(CONTROL_LINE_MAX_BYTES);
  const onControl = (bytes: Buffer) => {
    for (const line of lines.push(bytes)) told.end ??= parseIsolatedEnd(line) ?? told.end;
  };
  const run = new ProcessGroupRun(childSpec(start, options, onControl), start);
  const { executionId, targetId, fence, params, slotMs } = start;
  const slot = slotMs === undefined ? {} : { slotMs };
  run.send(
    controlLine({
      kind: 'start',
      module,
      export: work.export,
      executionId,
      targetId,
      fence,
      params,
      ...slot,
    }),
  );
  return {
    settled: run.ended.then((end) => (end.kind === 'ended' ? isolatedOutcome(end, told.end, work) : end)),
    requestStop: (reason) => {
      run.send(controlLine({ kind: 'stop', reason: reason.message }));
      run.terminate();
    },
    kill: () => {
      run.kill();
      return true;
    },
  };
}

function childSpec(
  start: WorkStart,
  options: IsolatedRunnerOptions,
  onControl: (bytes: Buffer) => void,
): GroupSpec {
  const stateFolder = stateFolderName(options.stateFolder);
  const inherited = options.environment ?? process.env;
  // From sources the entry is TypeScript, and our packages must resolve to sources there too.
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = new URL(`./isolated-child.${fromSource ? 'ts' : 'js'}`, import.meta.url);
  const conditions = fromSource ? ['--conditions=@qts-ops/source'] : [];
  return {
    command: process.execPath,
    args: [...conditions, ...(options.nodeArguments ?? []), fileURLToPath(entry)],
    cwd: options.folder,
    env: runEnvironment(start, { inherited, added: {}, stateFolder }),
    stateFolder,
    onControl,
  };
}

/** What the function did, if the child could still say it; else how the child ended. */
function isolatedOutcome(end: GroupEnd, told: IsolatedEnd | undefined, work: IsolatedWork): WorkOutcome {
  switch (told?.kind) {
    case 'returned':
      return { kind: 'returned', value: told.value };
    case 'threw':
      return { kind: 'threw', error: errorFrom(told.error) };
    case 'missing':
      return notStarted('BAT-0403', told.message, { module: work.module, export: work.export });
    case undefined: {
      if (end.exitCode === undefined)
        return { kind: 'signalled', signal: end.signal ?? 'unknown', detail: end.detail };
      // Also with code 0: the process ended before the function did, so nobody knows what it has done.
      const detail = { ...end.detail, ended: 'before the function returned' };
      return { kind: 'exited', exitCode: end.exitCode, success: false, detail };
    }
    default:
      return told satisfies never;
  }
}

function moduleUrl(module: string): string | undefined {
  if (module.startsWith('file:')) return URL.canParse(module) ? module : undefined;
  return isAbsolute(module) ? pathToFileURL(module).href : undefined;
}
