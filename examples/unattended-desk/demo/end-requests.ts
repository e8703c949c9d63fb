const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Requests to end that reach this process: the first ends the demo in order, the second hurries. */
export interface EndRequests extends Disposable {
  /** Aborts at the first request; its reason is the name of the signal. */
  readonly ending: AbortSignal;
  /** Aborts at the second request. */
  readonly hurry: AbortSignal;
}

const LOOK_EVERY_MS = 500;

/**
 * Listens for signals until disposed. A parent that is gone counts as a hang-up: a shell between `npm` and this
 * program passes no signal on when it is ended.
 */
export function listenForEnd(): EndRequests {
  const ending = new AbortController();
  const hurry = new AbortController();
  const hear = (signal: NodeJS.Signals) => (ending.signal.aborted ? hurry.abort() : ending.abort(signal));
  for (const signal of SIGNALS) process.on(signal, hear);
  const { ppid } = process;
  const look = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(look);
    hear('SIGHUP');
  }, LOOK_EVERY_MS).unref();
  return {
    ending: ending.signal,
    hurry: hurry.signal,
    [Symbol.dispose]: () => {
      clearInterval(look);
      for (const signal of SIGNALS) process.off(signal, hear);
    },
  };
}

/** Exit code of a program that was asked to end, as shells count it. */
export function exitCodeOf(ending: AbortSignal): number {
  const numbers: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
  return numbers[String(ending.reason)] ?? 1;
}
