import { AsyncLocalStorage } from 'node:async_hooks';
import type { RunOrigin } from '../../ports/processes.ts';
import type { FunctionContext } from '../../run/executions/function-runner.ts';

const origins = new AsyncLocalStorage<RunOrigin>();

/** Remembers of everything that a function begins, its timers and promises too, whose run it belongs to. */
export const functionContext: FunctionContext = {
  within: (origin, work) => origins.run(origin, work),
};

/**
 * The run of the function that began what is going on now, also after that run has ended; absent when no function did.
 * For the process-wide handlers of errors that nobody caught: only there is nothing else known.
 */
export function functionOrigin(): RunOrigin | undefined {
  return origins.getStore();
}
