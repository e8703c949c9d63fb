import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shellEnvironment, until } from './journey-programs.ts';

const run = promisify(execFile);
let terminals = 0;

/** True where `tmux` can give us a real terminal. */
export const hasTerminal = spawnSync('tmux', ['-V']).status === 0;

/** What runs in a terminal. */
export interface TerminalRequest {
  /** Empty folder for the terminal's own files. */
  readonly folder: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A real terminal of 120 x 36 cells with one program in it; its last screen stays after the program has ended. */
export class Terminal implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Opens a terminal and starts the program in it. */
  static async open({ folder, command, env }: TerminalRequest): Promise<Terminal> {
    terminals += 1;
    const terminal = new Terminal(`qts-journey-${process.pid}-${terminals}`);
    const config = join(folder, 'tmux.conf');
    writeFileSync(config, 'set -g remain-on-exit on\nset -sg escape-time 10\n');
    const start = ['-f', config, 'new-session', '-d', '-x', '120', '-y', '36', '--', ...command];
    await run('tmux', ['-L', terminal.#socket, ...start], { env: shellEnvironment(env) });
    return terminal;
  }

  /** The screen as text. */
  screen(): Promise<string> {
    return this.#ask('capture-pane', '-p');
  }

  /** Waits until the screen shows a text, and returns the screen. */
  untilShows(expected: string | RegExp, withinMs?: number): Promise<string> {
    return until(
      `the screen shows ${expected}`,
      async () => {
        const screen = await this.screen();
        return (typeof expected === 'string' ? screen.includes(expected) : expected.test(screen)) && screen;
      },
      withinMs,
    );
  }

  /** Types keys, named as tmux names them. */
  async type(...keys: readonly string[]): Promise<void> {
    await this.#ask('send-keys', ...keys);
  }

  /** Process of the program. */
  async pid(): Promise<number> {
    return Number(await this.#ask('display-message', '-p', '#{pane_pid}'));
  }

  /** Closes the terminal, as a lost connection does; the program is told by a hang-up. */
  async close(): Promise<void> {
    await this.#ask('kill-server').catch(() => '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(...args: readonly string[]): Promise<string> {
    return (await run('tmux', ['-L', this.#socket, ...args])).stdout;
  }
}
