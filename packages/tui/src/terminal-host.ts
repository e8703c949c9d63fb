import { copySequence } from './clipboard.ts';
import type { Ending } from './ending.ts';
import { fewerBytes } from './fewer-bytes.ts';

/** Signals that end the program, with the numbers their exit codes are made of. */
const ENDING: ReadonlyArray<readonly [NodeJS.Signals, number]> = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGTERM', 15],
];

/**
 * Resolves when the program has to end, whatever the reason: asked to, a signal, an error nobody caught, or a
 * terminal that is gone. The caller gives the terminal back and then leaves with the code.
 */
export function watchEnding(): { readonly ended: Promise<Ending>; end(ending: Ending): void; close(): void } {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const handlers = ENDING.map(([signal, number]) => {
    const handler = (): void => resolve({ exitCode: 128 + number });
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  const onError = (error: unknown): void => {
    resolve({
      exitCode: 1,
      message: `qts-tui ended by an error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    });
  };
  // A closed terminal shows itself as a failed write or as the end of the input.
  const onGone = (): void => resolve({ exitCode: 129 });
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  process.stdout.on('error', onGone);
  process.stdin.on('end', onGone);
  process.stdin.on('error', onGone);
  return {
    ended: promise,
    end: resolve,
    close: () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
      process.stdin.off('end', onGone);
      process.stdin.off('error', onGone);
    },
  };
}

/** Stops this job as the shell's ctrl-z does; comes back when it is continued. */
export function stopJob(): void {
  // The whole foreground job must stop, else a shell that started it through another program never notices.
  process.kill(0, 'SIGTSTP');
}

/** Copies through the terminal and says so in one line. */
export function copyToTerminal(text: string): string {
  const sequence = copySequence(text, process.env['TMUX'] !== undefined);
  if (sequence === undefined) return 'too long to copy';
  process.stdout.write(sequence);
  return `copied ${text}`;
}

/**
 * Sends what is painted in fewer bytes, and tells how long each write has blocked; the returned function ends both.
 */
export function watchWrites(note: (tookMs: number) => void): () => void {
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const shown = typeof chunk === 'string' ? fewerBytes(chunk) : chunk;
    const startedMs = performance.now();
    // The overloads of write have no common signature; the arguments pass through unchanged.
    const result: unknown = Reflect.apply(write, stdout, [shown, ...rest]);
    note(performance.now() - startedMs);
    return result === true;
  };
  return () => {
    // What stands on the stream itself hides the method of its class.
    Reflect.deleteProperty(stdout, 'write');
  };
}
