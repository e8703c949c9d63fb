import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex, type Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { JsonObject } from '../../kernel/json.ts';
import type { WorkHandle, WorkOutcome, WorkStart } from '../../ports/work-runner.ts';
import { endRunLeftovers } from './leftover-ending.ts';
import { type FlowSource, OUTPUT_BYTES_PER_SECOND, readWithLimit } from './output-flow.ts';
import { systemProcesses } from './process-facts.ts';
import { sendSignal } from './process-scan.ts';
import { PROGRESS_BYTES_PER_SECOND, progressReader } from './progress-lines.ts';
import { type SpawnSpec, spawnFailure, spawnProblem } from './spawn-failure.ts';

/** How long we read on after the last process of a run is gone: what is in its pipes, not what an outsider writes. */
const DRAIN_MS = 500;

/** A child to start as the leader of its own group. */
export interface GroupSpec extends SpawnSpec {
  /** The state folder's one name, see `stateFolderName`. */
  readonly stateFolder: string;
  /** Takes what the child writes to descriptor 4; without it the child has no such descriptor. */
  readonly onControl?: (bytes: Buffer) => void;
}

/** How a group ended: by its leader's exit code or signal. */
export interface GroupEnd {
  readonly kind: 'ended';
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly detail: JsonObject;
}

/**
 * A program in a process group and session of its own, so that one signal reaches all of it.
 * `ended` resolves when the leader has exited, everything it started is gone and its output is read; or at once when
 * it could not be started. Nothing here waits for a pipe that a process outside the run may hold open.
 */
export class ProcessGroupRun {
  readonly ended: Promise<GroupEnd | WorkOutcome>;
  readonly #spec: GroupSpec;
  readonly #start: WorkStart;
  readonly #kill = new AbortController();
  #child: ChildProcess | undefined;
  #leaderExited = false;
  #outputBytes = 0;

  constructor(spec: GroupSpec, start: WorkStart) {
    this.#spec = spec;
    this.#start = start;
    this.ended = this.#run();
  }

  /** SIGTERM to the whole group; nothing once the leader has exited: its leftovers are being ended already. */
  terminate(): void {
    this.#signalGroup('SIGTERM');
  }

  /** SIGKILL to the whole group, and at once to whatever is found of it afterwards. */
  kill(): void {
    this.#kill.abort();
    this.#signalGroup('SIGKILL');
  }

  /** Sends a text to the child's descriptor 4; a child that is gone does not read it. */
  send(text: string): void {
    const control = this.#child?.stdio[4];
    if (control instanceof Duplex && control.writable) control.write(text);
  }

  /** Until its exit is known the leader holds its number: the signal cannot reach a stranger. */
  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child?.pid !== undefined && !this.#leaderExited) sendSignal(-this.#child.pid, signal);
  }

  async #run(): Promise<GroupEnd | WorkOutcome> {
    const problem = spawnProblem(this.#spec);
    if (problem !== undefined) return problem;
    let child: ChildProcess;
    try {
      child = spawnLeader(this.#spec);
    } catch (error) {
      return spawnFailure(error, this.#spec);
    }
    const pgid = child.pid;
    if (pgid === undefined) return spawnFailure(await nextError(child), this.#spec);
    this.#child = child;
    const exited = this.#exitOf(child);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const stopReading = this.#readStreams(child);
    const startTick = systemProcesses.read(pgid)?.startTick;
    const tick = startTick === undefined ? {} : { startTick };
    this.#start.onProcessGroup({ pgid, ...tick });
    const { exitCode, signal } = await exited;
    const { executionId } = this.#start;
    const proof = { executionId, stateFolder: this.#spec.stateFolder, pgid, ...tick };
    const leftovers = await endRunLeftovers(proof, this.#kill.signal);
    await withinMs(closed, DRAIN_MS);
    stopReading();
    const detail = {
      pgid,
      outputBytes: this.#outputBytes,
      ...(leftovers.ended.length === 0 ? {} : { leftoversEnded: leftovers.ended.length }),
      ...(leftovers.survivors.length === 0 ? {} : { survivors: leftovers.survivors }),
    };
    return { kind: 'ended', exitCode, signal, detail };
  }

  #exitOf(child: ChildProcess): Promise<Pick<GroupEnd, 'exitCode' | 'signal'>> {
    return new Promise((resolve) => {
      child.once('exit', (exitCode, signal) => {
        // At this very moment the leader has given its number back.
        this.#leaderExited = true;
        resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined });
      });
    });
  }

  #readStreams(child: ChildProcess): () => void {
    const output = [child.stdout, child.stderr].flatMap((stream) =>
      stream === null ? [] : [this.#outputOf(stream)],
    );
    const stops = [readWithLimit(output, OUTPUT_BYTES_PER_SECOND)];
    const progress = child.stdio[3];
    if (progress instanceof Duplex) {
      const onBytes = progressReader(this.#start.onProgress);
      stops.push(readWithLimit([{ stream: progress, onBytes }], PROGRESS_BYTES_PER_SECOND));
    }
    const control = child.stdio[4];
    if (control instanceof Duplex && this.#spec.onControl !== undefined) {
      stops.push(
        readWithLimit([{ stream: control, onBytes: this.#spec.onControl }], OUTPUT_BYTES_PER_SECOND),
      );
    }
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Each stream has a decoder of its own: a character may be cut between two reads of the same stream. */
  #outputOf(stream: Readable): FlowSource {
    const decoder = new StringDecoder('utf8');
    const emit = (text: string) => {
      if (text !== '') this.#start.onOutput(text);
    };
    const onBytes = (bytes: Buffer) => {
      this.#outputBytes += bytes.length;
      emit(decoder.write(bytes));
    };
    return { stream, onBytes, onEnd: () => emit(decoder.end()) };
  }
}

/** A handle whose work never started: nothing is left to stop. */
export function endedHandle(outcome: WorkOutcome): WorkHandle {
  return { settled: Promise.resolve(outcome), requestStop: () => {}, kill: () => true };
}

/** `detached` makes the child the leader of a new session and group. */
function spawnLeader(spec: GroupSpec): ChildProcess {
  return spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...spec.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(spec.onControl === undefined ? [] : (['pipe'] as const))],
  });
}

function nextError(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => child.once('error', resolve));
}

/**
 * Waits for a promise, but no longer than `ms` and one turn of the event loop: after a loop that stood still
 * the time is over before anything that waits in the pipes was read.
 */
async function withinMs(promise: Promise<void>, ms: number): Promise<void> {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: over.signal })
    .then(() => setImmediate())
    .catch(() => undefined);
  await Promise.race([promise, late]);
  over.abort();
}
