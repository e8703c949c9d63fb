import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { BOUND_TO_PARENT } from './child-program.ts';

/** What the screen is opened on. */
export interface ScreenRequest {
  /** Arguments of Node for `qts-tui`. */
  readonly program: readonly string[];
  readonly stateFolder: string;
  /** False: print a plain snapshot and end. */
  readonly isInteractive: boolean;
}

const RESTORE_WITHIN_MS = 3_000;

/** Gives the terminal to `qts-tui` until it is left, and returns its exit code. */
export async function showScreen(request: ScreenRequest, ending: AbortSignal): Promise<number> {
  const { program, stateFolder, isInteractive } = request;
  const snapshot = isInteractive ? [] : ['--once'];
  const args = [...BOUND_TO_PARENT.args, ...program, '--state', stateFolder, ...snapshot];
  const screen = spawn(process.execPath, args, {
    env: { ...process.env, QTS_OPS_STATE: stateFolder },
    stdio: ['inherit', 'inherit', 'inherit', BOUND_TO_PARENT.channel],
  });
  const exited = once(screen, 'exit');
  // The screen puts the terminal in order before it ends, so it is asked, and given time.
  const askToEnd = () => {
    screen.kill('SIGTERM');
    void wait(RESTORE_WITHIN_MS, undefined, { ref: false }).then(() => screen.kill('SIGKILL'));
  };
  if (ending.aborted) askToEnd();
  else ending.addEventListener('abort', askToEnd, { once: true });
  try {
    await exited;
    return screen.exitCode ?? 1;
  } finally {
    ending.removeEventListener('abort', askToEnd);
  }
}
