import { type ChildProcess, spawn } from 'node:child_process';
import { rest } from './bench-row.ts';
import { endProcess } from './daemon-process.ts';
import { childrenOf, cpuMsOf } from './process-meter.ts';

const COLUMNS = 120;
const ROWS = 40;

/** A text on the screen. */
export interface Painted {
  readonly wallMs: number;
  /** NaN when the program had ended by then. */
  readonly cpuMs: number;
  /** The text, or the first group of the pattern. */
  readonly found: string;
}

/** A program on a terminal of its own: `script` gives it one and hands on what it paints. */
export class PtyProgram {
  readonly #script: ChildProcess;
  readonly #startedMs = performance.now();
  #bytes = 0;
  #text = '';
  #onPaint: (() => void) | undefined;
  #pid = 0;

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const { CI: _nobodyBuilds, NO_COLOR: _colours, ...inherited } = process.env;
    this.#script = spawn(
      'script',
      ['-qefc', `stty cols ${COLUMNS} rows ${ROWS}; exec ${quoted}`, '/dev/null'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...inherited, TERM: 'xterm-256color', SHELL: '/bin/sh', ...environment },
      },
    );
    this.#script.stdout?.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.#text = (this.#text + chunk.toString('latin1')).slice(-65_536);
      this.#onPaint?.();
    });
  }

  /** Everything painted up to now, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The program itself, not what gives it its terminal. */
  get pid(): number {
    if (this.#pid === 0) this.#pid = childrenOf(this.#script.pid ?? 0)[0] ?? 0;
    return this.#pid;
  }

  /** Resolves when a text has been painted, with the time since the start and what the program has used by then. */
  async painted(text: string | RegExp): Promise<Painted> {
    const { promise, resolve, reject } = Promise.withResolvers<Painted>();
    const look = () => {
      const found = typeof text === 'string' ? this.#text.includes(text) && text : text.exec(this.#text)?.[1];
      if (found === false || found === undefined) return;
      const wallMs = performance.now() - this.#startedMs;
      resolve({ wallMs, cpuMs: this.#cpuMs(), found });
    };
    const tooLong = setTimeout(
      () => reject(new Error(`${text} was not painted:\n${this.#text.slice(-500)}`)),
      20_000,
    );
    this.#onPaint = look;
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(tooLong);
      this.#onPaint = undefined;
    }
  }

  /** Presses a key; milliseconds until something is painted, or undefined when nothing is within a second. */
  async press(key: string): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const begun = performance.now();
    this.#onPaint = () => resolve(performance.now() - begun);
    const tooLong = setTimeout(() => resolve(undefined), 1000);
    this.#script.stdin?.write(key);
    const tookMs = await promise;
    clearTimeout(tooLong);
    this.#onPaint = undefined;
    return tookMs;
  }

  /** Ends the program as a closed terminal would. */
  async end(): Promise<void> {
    if (this.pid !== 0 && this.#script.exitCode === null) process.kill(this.pid, 'SIGTERM');
    await Promise.race([endProcess(this.#script, 'SIGCONT'), rest(2000)]);
    await endProcess(this.#script, 'SIGKILL');
  }

  #cpuMs(): number {
    try {
      return cpuMsOf(this.pid);
    } catch {
      return Number.NaN;
    }
  }
}
