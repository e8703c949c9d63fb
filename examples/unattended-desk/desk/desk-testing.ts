import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Bar } from './bars.ts';
import { deskIso } from './desk-time.ts';

/** A folder for one test, removed when it is disposed. */
export function temporaryFolder(parent: string = tmpdir()): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(parent, 'desk-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes bars as an OHLCV file and returns its path. */
export function writeBarFile(folder: string, bars: readonly Bar[]): string {
  const path = join(folder, 'bars.csv');
  const rows = bars.map((bar) => {
    const date = deskIso(bar.timeMs).slice(0, 16).replace('T', ' ');
    return [date, bar.open, bar.high, bar.low, bar.close, bar.volume].join();
  });
  writeFileSync(path, `${['date,open,high,low,close,volume', ...rows].join('\n')}\n`);
  return path;
}

/** The texts of all record files of a data folder by their path inside it. */
export function readRecordFiles(dataDir: string): Record<string, string> {
  const paths = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dataDir, name))
    .filter((path) => /_(snapshot|record)./.test(relative(dataDir, path)) && statSync(path).isFile());
  return Object.fromEntries(
    paths.sort().map((path) => [relative(dataDir, path), readFileSync(path, 'utf8')]),
  );
}

/** The rows of a JSONL text. */
export function parseLines(lines: string): unknown[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** A program of the desk running as a child process. */
export interface RunningProgram {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  /** Resolves when the program has ended and all its output was read. */
  readonly ended: Promise<ProgramEnd>;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the program wrote to descriptor 3, where progress goes when the environment says so. */
  readonly progress: string;
}

/** Starts a program of this folder with Node alone, as an operator would. */
export function startProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // Keeping compiled modules makes the many short programs of these tests start three times as fast.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...env },
  });
  const [, stdout, stderr, progress] = child.stdio;
  if (!isReadable(stdout) || !isReadable(stderr) || !isReadable(progress))
    throw new Error('no pipes to the program');
  const outputs = [text(stdout), text(stderr), text(progress)].map((output) => output.catch(() => ''));
  const ended = Promise.all([once(child, 'exit'), ...outputs]).then(
    ([exit, out = '', err = '', lines = '']) => {
      const [code, signal] = exit as [number | null, NodeJS.Signals | null]; // what 'exit' is documented to carry
      return { code, signal, stdout: out, stderr: err, progress: lines };
    },
  );
  return { child, stdout, ended };
}

/** Resolves when a stream has carried `count` line ends; rejects when it closes before. */
export function linesSeen(stream: Readable, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    stream.on('data', (chunk: Buffer | string) => {
      seen += String(chunk).split('\n').length - 1;
      if (seen >= count) resolve();
    });
    stream.on('close', () => reject(new Error(`the program ended after ${seen} of ${count} lines`)));
  });
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream && 'read' in stream;
}
