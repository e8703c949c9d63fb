import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bundle } from '../build.ts';

const run = promisify(execFile);

/** Why tests on a real terminal cannot run here; absent when they can. */
export const noTerminal: string | undefined =
  spawnSync('tmux', ['-V']).status === 0 ? undefined : 'the program tmux is not installed';

const DEADLINE_MS = 90_000;
const POLL_MS = 15;
const SETTLE_MS = 60_000;

let terminals = 0;

/** Bundles the live screen over the recorded engine; returns the program and a function that removes it. */
export async function buildLiveProgram(): Promise<{ readonly program: string; remove(): void }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'qts-tui-'));
  const entry = path.join(import.meta.dirname, 'live-program.ts');
  await bundle({ entry, outdir: folder, core: 'source' });
  return { program: path.join(folder, 'live-program.js'), remove: () => rmSync(folder, { recursive: true }) };
}

/** File of a kept screen. */
export function goldenPath(name: string): string {
  return path.join(import.meta.dirname, 'golden', `${name}.golden`);
}

/** What a terminal is opened with. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  /** Shell command that the terminal runs. */
  readonly command: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A real terminal: tmux with a server of its own, so that tests do not meet. */
export class Terminal implements AsyncDisposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'qts-term-'));
  readonly #socket = `qts-${process.pid}-${++terminals}`;

  private constructor() {}

  static async open({ columns, rows, command, env = {} }: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal();
    const { CI: _, NO_COLOR: __, TMUX: ___, ...inherited } = process.env;
    const given = { ...inherited, QTS_CONTROL: terminal.controlPath, QTS_FOLDER: terminal.folder, ...env };
    const pairs = Object.entries(given).filter(([, value]) => value !== undefined);
    const session = [
      '-L',
      terminal.#socket,
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      `${columns}`,
      '-y',
      `${rows}`,
    ];
    execFileSync('tmux', [...session, `tmux -L ${terminal.#socket} wait-for started; ${command}`], {
      env: Object.fromEntries(pairs),
    });
    await terminal.tmux('set-option', '-g', 'remain-on-exit', 'on');
    // Everything the program writes, sequences included.
    await terminal.tmux('pipe-pane', '-o', `cat > '${terminal.rawPath}'`);
    await terminal.tmux('wait-for', '-S', 'started');
    return terminal;
  }

  get controlPath(): string {
    return path.join(this.folder, 'control.sock');
  }

  get rawPath(): string {
    return path.join(this.folder, 'raw');
  }

  /** Every byte written to the terminal so far. */
  raw(): string {
    return readFileSync(this.rawPath, 'utf8');
  }

  async tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-L', this.#socket, ...args]);
    return stdout;
  }

  /** A format of tmux, as `#{alternate_on}`. */
  async ask(format: string): Promise<string> {
    return (await this.tmux('display-message', '-p', format)).trim();
  }

  /** Keys by name: `Enter`, `Escape`, `C-z`. */
  async key(...names: readonly string[]): Promise<void> {
    await this.tmux('send-keys', ...names);
  }

  /** Text as it is typed, in one chunk. */
  async type(text: string): Promise<void> {
    await this.tmux('send-keys', '-l', '--', text);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  async capture(...flags: readonly string[]): Promise<string> {
    return await this.tmux('capture-pane', '-p', ...flags);
  }

  /** The screen once it holds `text` (or passes the test) and has not changed between two looks. */
  async see(expected: string | ((screen: string) => boolean), ...flags: readonly string[]): Promise<string> {
    const passes = typeof expected === 'string' ? (screen: string) => screen.includes(expected) : expected;
    const untilMs = performance.now() + DEADLINE_MS;
    let before = '';
    while (performance.now() < untilMs) {
      const screen = await this.capture(...flags);
      if (passes(screen) && screen === before) return screen;
      before = screen;
      await delay(POLL_MS);
    }
    throw new Error(`not seen within ${DEADLINE_MS} ms: ${expected.toString()}\n${before}`);
  }

  /**
   * The screen to compare with a kept one: as soon as both are equal, else what stands there after a while. A busy
   * machine may show half a frame for longer than one can wait for it to be stable.
   */
  async settle(kept: string, ...flags: readonly string[]): Promise<string> {
    const wanted = existsSync(kept) ? readFileSync(kept, 'utf8') : undefined;
    const untilMs = performance.now() + SETTLE_MS;
    let screen = await this.capture(...flags);
    while (wanted !== undefined && screen !== wanted && performance.now() < untilMs) {
      await delay(POLL_MS);
      screen = await this.capture(...flags);
    }
    return screen;
  }

  /** Tells the recorded engine of the program something; resolves when it is done, with what the engine has received. */
  async tell(command: string): Promise<{ requests: readonly unknown[]; effects: readonly unknown[] }> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(this.controlPath, () => socket.write(`${command}\n`));
    socket.on('data', (data) => resolve(data.toString()));
    socket.on('error', reject);
    const answer = await promise;
    socket.destroy();
    return JSON.parse(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux('kill-server').catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
