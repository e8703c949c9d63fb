import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { CliIo } from '../cli-io.ts';

/** The end of what a program wrote that is told to the engine, bytes. */
const TAIL_BYTES = 10_000;
/** Exit codes of shells for a program that is missing or cannot be run. */
const NOT_FOUND = 127;
const NOT_RUN = 126;

/** How a program ended. */
export interface WrappedEnd {
  /** Its own; 128 and the number of the signal when one ended it; 126 or 127 when it could not be run. */
  readonly exitCode: number;
  /** The last it wrote, both streams as they came. */
  readonly tail: string;
}

/** Runs a program in the caller's place: output goes through, requests to end are passed on. */
export function runWrapped(command: readonly string[], io: CliIo): Promise<WrappedEnd> {
  const [program = '', ...rest] = command;
  return new Promise((resolve) => {
    let tail = Buffer.alloc(0);
    const child = spawn(program, rest, { cwd: io.cwd, stdio: ['inherit', 'pipe', 'pipe'] });
    const keep = (bytes: Buffer) => {
      tail = Buffer.concat([tail, bytes]).subarray(-TAIL_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const decoders = { out: new TextDecoder(), err: new TextDecoder() };
    child.stdout.on('data', (bytes: Buffer) => io.out(decoders.out.decode(bytes, { stream: true })));
    child.stderr.on('data', (bytes: Buffer) => io.err(decoders.err.decode(bytes, { stream: true })));
    const forget = io.onEndRequest((signal) => void child.kill(signal as NodeJS.Signals));
    const end = (exitCode: number) => {
      forget();
      resolve({ exitCode, tail: tail.toString('utf8') });
    };
    child.once('error', (error) => {
      io.err(`${program}: ${error.message}\n`);
      end('code' in error && error.code === 'ENOENT' ? NOT_FOUND : NOT_RUN);
    });
    child.once('close', (code, signal) =>
      end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
