import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** Root of the repository. */
export const repository = resolve(import.meta.dirname, '../..');

/** The demo's folder. */
export const demoFolder = join(repository, 'examples/unattended-desk');

/** Makes our packages resolve to their sources, so that no build is needed. */
export const SOURCES = '--conditions=@qts-ops/source';

const commandLine = join(repository, 'packages/daemon/src/main.ts');

/** How a program ended and what it wrote. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs; killed when it is disposed before its end. */
export interface RunningProgram extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<ProgramEnd>;
}

/** Where a program runs and what it is told. */
export interface ProgramPlace {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Environment of a person's shell: nothing of the test runner, and Node of this version in the path. */
export function shellEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = '', HOME = tmpdir(), LANG = 'C.UTF-8', TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return {
    PATH: `${dirname(process.execPath)}${delimiter}${PATH}`,
    HOME,
    LANG,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    ...more,
  };
}

/** Starts Node on some arguments. */
export function startNode(args: readonly string[], { cwd, env }: ProgramPlace): RunningProgram {
  const child = spawn(process.execPath, [...args], {
    cwd,
    env: shellEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outputs = [text(child.stdout), text(child.stderr)];
  const ended = Promise.all([once(child, 'exit'), ...outputs]).then(([exit, stdout = '', stderr = '']) => {
    const [code, signal] = exit as [number | null, NodeJS.Signals | null]; // what 'exit' is documented to carry
    return { code, signal, stdout, stderr };
  });
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts `qts-ops` from its sources. */
export function startQtsOps(args: readonly string[], place: ProgramPlace): RunningProgram {
  return startNode([SOURCES, commandLine, ...args], place);
}

/** Runs `qts-ops` to its end. */
export function qtsOps(args: readonly string[], place: ProgramPlace): Promise<ProgramEnd> {
  return startQtsOps(args, place).ended;
}

/** Asks again and again until there is an answer; throws what was waited for when there is none in time. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 120_000,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(40);
  }
}
