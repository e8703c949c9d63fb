import { Worker } from 'node:worker_threads';
import { isPlain, matchLines, type PatternFound, type PatternTask } from './pattern-rules.ts';

/**
 * An expression may work this long on one text, ms: far more than one needs that repeats nothing within a repetition,
 * and together with the time of a disk or a server within the usual deadline of a look.
 */
export const PATTERN_WITHIN_MS = 1500;
/** A thread that nobody needed for so long ends, ms. */
const IDLE_MS = 60_000;
/** Threads that wait for work. */
const IDLE_MAX = 2;
const MEMORY_MAX_MB = 128;

/** How long an expression may work, and when to give up before. */
export interface MatchBounds {
  readonly signal: AbortSignal;
  /** What the user calls the expression, such as `pattern`. */
  readonly field: string;
  readonly withinMs?: number | undefined;
}

interface Thread {
  readonly worker: Worker;
  idle?: NodeJS.Timeout;
}

const waiting: Thread[] = [];

/**
 * Counts the lines that match, without holding up anything else: an expression whose time nobody can tell works in a
 * thread of its own, which ends with it when it takes too long.
 * @throws an error that names the field when it takes too long; whatever the signal aborts with.
 */
export async function countMatches(task: PatternTask, bounds: MatchBounds): Promise<PatternFound> {
  const { signal } = bounds;
  signal.throwIfAborted();
  if (task.lines.length === 0) return { matches: 0 };
  if (isPlain(task.pattern) && isPlain(task.ignore ?? '')) return matchLines(task);
  const thread = takeThread();
  try {
    const found = await inThread(thread.worker, task, bounds);
    putBack(thread);
    return found;
  } catch (error) {
    await thread.worker.terminate();
    throw error;
  }
}

function inThread(
  worker: Worker,
  task: PatternTask,
  { signal, field, withinMs = PATTERN_WITHIN_MS }: MatchBounds,
): Promise<PatternFound> {
  const { promise, resolve, reject } = Promise.withResolvers<PatternFound>();
  const late = () => {
    reject(
      new Error(`${field} worked longer than ${withinMs} ms; write it without repetitions in repetitions`),
    );
  };
  let timer: NodeJS.Timeout | undefined;
  const answer = (said: 'begun' | PatternFound) => {
    if (said !== 'begun') resolve(said);
    else timer = setTimeout(late, withinMs);
  };
  const abort = () => reject(signal.reason);
  const exit = () => reject(new Error(`${field}: the thread that matched it ended`));
  signal.addEventListener('abort', abort, { once: true });
  worker.on('message', answer);
  worker.once('error', reject);
  worker.once('exit', exit);
  worker.postMessage(task);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    worker.off('message', answer);
    worker.off('error', reject);
    worker.off('exit', exit);
  });
}

function takeThread(): Thread {
  const thread = waiting.pop();
  if (thread === undefined) return { worker: startWorker() };
  clearTimeout(thread.idle);
  thread.worker.removeAllListeners('error');
  return thread;
}

function putBack(thread: Thread): void {
  if (waiting.length >= IDLE_MAX) return void thread.worker.terminate();
  const leave = () => {
    const at = waiting.indexOf(thread);
    if (at >= 0) waiting.splice(at, 1);
    void thread.worker.terminate();
  };
  // A thread that breaks while it waits is nobody's fault; the next one is new.
  thread.worker.once('error', leave);
  thread.idle = setTimeout(leave, IDLE_MS).unref();
  waiting.push(thread);
}

function startWorker(): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./pattern-worker.${extension}`, import.meta.url), {
    // What the main program was started with may not suit a thread, and its variables hold secrets.
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MAX_MB },
  });
  worker.unref();
  return worker;
}
