import { setTimeout as wait } from 'node:timers/promises';
import { type ChildProgram, type ChildRequest, startChild } from './child-program.ts';

const END_WITHIN_MS = 30_000;

/** Everything this demo has started, so that it stops exactly that. */
export class StartedPrograms {
  readonly #programs: ChildProgram[] = [];
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Starts a program that will be stopped with the others. */
  start(request: ChildRequest): ChildProgram {
    const program = startChild(request);
    this.#programs.push(program);
    return program;
  }

  /** Stops the newest first; `hurry` asks each a second time, which ends running work at once. */
  async stop(hurry: AbortSignal): Promise<void> {
    const running = this.#programs.filter(({ end }) => end === undefined).reverse();
    for (const { name, end, logPath } of this.#programs) {
      if (end !== undefined) {
        this.#say(
          `${name} had ended by itself (${end.signal ?? `exit code ${end.code}`}); its log is ${logPath}`,
        );
      }
    }
    if (running.length === 0) return;
    const names = running.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
    this.#say(
      `stopping what was started here: ${names}; running work is finished first, Ctrl-C ends it at once`,
    );
    for (const program of running) await this.#stopOne(program, hurry);
    this.#say('stopped');
  }

  async #stopOne(program: ChildProgram, hurry: AbortSignal): Promise<void> {
    const ask = () => program.signal('SIGTERM');
    ask();
    hurry.addEventListener('abort', ask);
    const late = new AbortController();
    const force = async () => {
      await wait(END_WITHIN_MS, undefined, { signal: late.signal });
      this.#say(
        `${program.name} did not end within ${END_WITHIN_MS / 1_000} s and is killed; see ${program.logPath}`,
      );
      program.signal('SIGKILL');
    };
    void force().catch(() => undefined);
    await program.ended;
    late.abort();
    hurry.removeEventListener('abort', ask);
  }
}
