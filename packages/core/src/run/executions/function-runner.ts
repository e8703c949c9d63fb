import type { RunOrigin } from '../../ports/processes.ts';
import type { FunctionWork, TargetContext, TargetKind, TargetWork } from '../../ports/target.ts';
import type { WorkHandle, WorkOutcome, WorkRunner, WorkStart } from '../../ports/work-runner.ts';
import { notOurKind } from './work-errors.ts';

/** Is told which functions are running in our own process, so that one that never yields can be named. */
export interface FunctionWatch {
  /** A function is about to be called. */
  enter(executionId: string, targetId: string): void;
  /** The function has settled. */
  leave(executionId: string): void;
}

/** Knows afterwards which run a function belongs to whose timer or promise failed. */
export interface FunctionContext {
  /** Calls `work`; everything that it begins belongs to `origin`. */
  within<T>(origin: RunOrigin, work: () => T): T;
}

/** What the function runner may be given. */
export interface FunctionRunnerOptions {
  /** Told of every function that starts and settles; nobody when absent. */
  readonly watch?: FunctionWatch | undefined;
  /** In which functions are called; as they are when absent. */
  readonly context?: FunctionContext | undefined;
}

/**
 * Runs functions in our own process. A function can be asked to end through its signal, never forced to:
 * `kill` answers false, and `settled` resolves whenever the function returns or throws, however late.
 */
export function functionRunner(options: FunctionRunnerOptions = {}): WorkRunner {
  return {
    start: (work, start) =>
      work.kind === 'function' ? startFunction(work, start, options) : refused('function', work.kind),
  };
}

/** Hands each piece of work to the runner of its kind; a kind without a runner settles as `not-started` LOG-0401. */
export function workRunnerByKind(runners: Readonly<Partial<Record<TargetKind, WorkRunner>>>): WorkRunner {
  return {
    start: (work: TargetWork, start: WorkStart) =>
      runners[work.kind]?.start(work, start) ?? refused(Object.keys(runners).join(', '), work.kind),
  };
}

function refused(allowed: string, seen: string): WorkHandle {
  return { settled: Promise.resolve(notOurKind(allowed, seen)), requestStop: () => {}, kill: () => true };
}

function startFunction(work: FunctionWork, start: WorkStart, options: FunctionRunnerOptions): WorkHandle {
  const controller = new AbortController();
  const settled = runFunction(work, start, { ...options, signal: controller.signal });
  return { settled, requestStop: (reason) => controller.abort(reason), kill: () => false };
}

interface FunctionSurroundings extends FunctionRunnerOptions {
  readonly signal: AbortSignal;
}

async function runFunction(
  work: FunctionWork,
  start: WorkStart,
  around: FunctionSurroundings,
): Promise<WorkOutcome> {
  // The caller holds the handle before the first line of the function runs, also when that line never yields.
  await Promise.resolve();
  const run = { ended: false };
  around.watch?.enter(start.executionId, start.targetId);
  try {
    const call = () => work.run(contextOf(start, around.signal, run));
    const value = await (around.context === undefined
      ? call()
      : around.context.within(originOf(start), call));
    return { kind: 'returned', value };
  } catch (error) {
    return { kind: 'threw', error };
  } finally {
    run.ended = true;
    around.watch?.leave(start.executionId);
  }
}

function originOf({ executionId, targetId }: WorkStart): RunOrigin {
  return { executionId, targetId };
}

/** After its end a run says nothing more: what a forgotten callback reports would land in a closed record. */
function contextOf(start: WorkStart, signal: AbortSignal, run: { readonly ended: boolean }): TargetContext {
  return {
    executionId: start.executionId,
    targetId: start.targetId,
    fence: start.fence,
    ...(start.slotMs === undefined ? {} : { slotMs: start.slotMs }),
    params: start.params,
    signal,
    progress: (progress) => {
      if (!run.ended) start.onProgress(progress);
    },
    log: (line) => {
      if (!run.ended) start.onOutput(`${line}\n`);
    },
  };
}
