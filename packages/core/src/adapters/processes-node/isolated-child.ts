/**
 * Entry of the child process of an isolated target: reads its order from descriptor 4, calls the function,
 * writes how it ended, exits. Standard output and error are the run's output; progress goes to descriptor 3.
 */
import { existsSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Progress, TargetContext } from '../../ports/target.ts';
import {
  CONTROL_FD,
  CONTROL_LINE_MAX_BYTES,
  controlLine,
  type IsolatedEnd,
  type IsolatedStart,
  parseIsolatedOrder,
  returnedEnd,
  threwEnd,
} from './isolated-messages.ts';
import { LineReader } from './line-reader.ts';
import { PROGRESS_FD } from './run-environment.ts';

/** Progress is written at most so often; the last one always. */
const PROGRESS_EVERY_MS = 100;

const control = new Socket({ fd: CONTROL_FD, readable: true, writable: true });
const controller = new AbortController();
let stopReason = 'asked to stop';
let ended = false;

function main(): void {
  const lines = new LineReader(CONTROL_LINE_MAX_BYTES);
  control.on('data', (bytes: Buffer) => {
    for (const line of lines.push(bytes)) obey(parseIsolatedOrder(line));
  });
  control.on('error', endOrphan);
  control.on('end', endOrphan);
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  // The order to stop, which says why, travels beside the signal: one turn of the loop lets it arrive.
  process.on('SIGTERM', () => setImmediate(() => controller.abort(new Error(stopReason))));
  process.on('uncaughtException', (error) => finish(threwEnd(error)));
}

function obey(order: ReturnType<typeof parseIsolatedOrder>): void {
  if (order?.kind === 'stop') stopReason = order.reason;
  if (order?.kind === 'start') run(order).then(finish, (error: unknown) => finish(threwEnd(error)));
}

async function run(order: IsolatedStart): Promise<IsolatedEnd> {
  const path = fileURLToPath(order.module);
  if (!existsSync(path))
    return { kind: 'missing', message: `module: "${path}" does not exist; correct the target` };
  const module: Readonly<Record<string, unknown>> = await import(order.module);
  const exported = module[order.export];
  if (typeof exported !== 'function') {
    const functions = Object.keys(module).filter((name) => typeof module[name] === 'function');
    const allowed =
      functions.length === 0 ? 'the module exports no function' : functions.slice(0, 20).join(', ');
    const message = `export: "${order.export}" of "${path}" is ${typeof exported}; allowed: ${allowed}; correct the target`;
    return { kind: 'missing', message };
  }
  const progress = new ProgressWriter();
  try {
    return returnedEnd(await exported(contextOf(order, progress)));
  } finally {
    progress.flush();
  }
}

function contextOf(order: IsolatedStart, progress: ProgressWriter): TargetContext {
  const { executionId, targetId, fence, slotMs, params } = order;
  return {
    executionId,
    targetId,
    fence,
    params,
    ...(slotMs === undefined ? {} : { slotMs }),
    signal: controller.signal,
    progress: (seen) => progress.report(seen),
    log: (line) => void process.stdout.write(`${line}\n`),
  };
}

/** Writes progress at once and synchronously, so that a function that never yields is seen too. */
class ProgressWriter {
  #pending: Progress | undefined;
  #writtenMs = Number.NEGATIVE_INFINITY;

  report(progress: Progress): void {
    this.#pending = progress;
    if (performance.now() - this.#writtenMs >= PROGRESS_EVERY_MS) this.flush();
    else setTimeout(() => this.flush(), PROGRESS_EVERY_MS).unref();
  }

  flush(): void {
    if (this.#pending === undefined) return;
    const line = `${JSON.stringify(this.#pending)}\n`;
    this.#pending = undefined;
    this.#writtenMs = performance.now();
    try {
      writeSync(PROGRESS_FD, line);
    } catch {
      // The engine is gone; `endOrphan` follows.
    }
  }
}

/** Says how the function ended, once; whatever it left running (timers, sockets) ends with the process. */
function finish(end: IsolatedEnd): void {
  if (ended) return;
  ended = true;
  control.write(controlLine(end), () => {
    process.stdout.write('', () => process.stderr.write('', () => process.exit(0)));
  });
}

/** The engine is gone: nobody holds the fence of this run any more, so it and its group end now. */
function endOrphan(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.exit(1);
  }
}

main();
