import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@qts-ops/core';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** How a command line ended. */
export interface CliEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Starts `qts-ops` from source in a folder, as a process of its own without a terminal. */
export function startCli(cwd: string, ...args: readonly string[]): CliProcess {
  return new CliProcess(cwd, args);
}

/** Runs a command to its end. */
export function cli(cwd: string, ...args: readonly string[]): Promise<CliEnd> {
  return startCli(cwd, ...args).ended;
}

/** A running `qts-ops`. */
export class CliProcess implements AsyncDisposable {
  readonly ended: Promise<CliEnd>;
  readonly #child: ChildProcess;
  #out = '';
  #err = '';

  constructor(cwd: string, args: readonly string[]) {
    const { QTS_OPS_STATE: _state, ...env } = process.env;
    this.#child = spawn(process.execPath, ['--conditions=@qts-ops/source', main, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (exitCode, signal) => {
        resolve({ exitCode, signal, out: this.#out, err: this.#err });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get out(): string {
    return this.#out;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first log line of an event; fails when the process ends without it. */
  async logged(event: string): Promise<JsonObject> {
    const ended = this.ended.then(({ err }) => {
      throw new Error(`ended before ${event}: ${err}`);
    });
    const seen = new Promise<JsonObject>((resolve) => {
      const look = () => {
        const line = this.#err.split('\n').find((entry) => entry.includes(`"event":"${event}"`));
        if (line === undefined) return;
        this.#child.stderr?.off('data', look);
        resolve(JSON.parse(line));
      };
      this.#child.stderr?.on('data', look);
      look();
    });
    ended.catch(() => undefined);
    return await Promise.race([seen, ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.ended;
  }
}

/** Starts an engine on the config of a folder and waits until it serves. */
export async function startEngine(cwd: string, ...args: readonly string[]): Promise<CliProcess> {
  const engine = startCli(cwd, 'run', ...args);
  await engine.logged('engine.started');
  return engine;
}

/** A fresh folder that is removed with its holder. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'qts-ops-cli-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
