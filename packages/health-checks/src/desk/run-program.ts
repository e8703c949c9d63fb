import { spawn } from 'node:child_process';
import { codeOf } from '../look/trouble.ts';

/** At most so much of what a program prints is kept. */
export const OUTPUT_MAX_BYTES = 65_536;

/** How long we wait for the end of the output of a program that has ended: something it left may hold it open. */
const DRAIN_MS = 500;

/** A program to run, without a shell. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly output: string;
  readonly isTruncated: boolean;
}

/**
 * Runs a program in a process group of its own to its end. When the signal aborts, and when the program has ended,
 * the whole group is killed, so that nothing it started stays behind.
 * @throws the system's error when it cannot be started.
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<ProgramEnd> {
  const { file, args, cwd, env } = program;
  const {
    promise: exited,
    resolve,
    reject,
  } = Promise.withResolvers<Omit<ProgramEnd, 'output' | 'isTruncated'>>();
  const closed = Promise.withResolvers<void>();
  const child = spawn(file, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => killGroup(child.pid);
  signal.addEventListener('abort', kill, { once: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: Buffer) => {
    // What is beyond the bound is read and dropped, so that the program does not wait for a reader.
    if (bytes < OUTPUT_MAX_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  };
  child.stdout.on('data', keep);
  child.stderr.resume();
  child.on('error', reject);
  child.on('exit', (code, ended) => resolve({ exitCode: code ?? undefined, signal: ended ?? undefined }));
  child.on('close', () => closed.resolve());
  try {
    const end = await exited;
    kill();
    await within(closed.promise, DRAIN_MS);
    const output = Buffer.concat(chunks).subarray(0, OUTPUT_MAX_BYTES).toString('utf8');
    return { ...end, output, isTruncated: bytes > OUTPUT_MAX_BYTES };
  } finally {
    signal.removeEventListener('abort', kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

async function within(done: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([done, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    // The group keeps its number as long as one of its processes lives.
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody of the group is left, or it is about to be gone.
    if (!['ESRCH', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
  }
}
