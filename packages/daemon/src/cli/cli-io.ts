import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';

/** Below this a table is not cut: it could not be read anyway. */
const COLUMNS_MIN = 20;

/** What a command sees of the terminal and the process around it. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Account name of the person at the terminal. */
  readonly operatorId: string;
  /** Columns of the terminal; absent when the output goes elsewhere. */
  readonly columns?: number | undefined;
  /** True when output may be coloured: a terminal, and NO_COLOR is not set. */
  readonly colored: boolean;
  /** True when messages go to a person instead of a log. */
  readonly talksToPerson: boolean;
  /** Columns, as they are now, of a terminal on which a message can be drawn over; absent where none can. */
  readonly errColumns?: (() => number) | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Asks the person at the terminal a question and gives the answer; absent where nobody can answer. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Calls `listener` at every request to end (SIGTERM, SIGINT, SIGHUP); the returned function stops that. */
  readonly onEndRequest: (listener: (signal: string) => void) => () => void;
  /** Ends this process with an exit code, whatever is under way. */
  readonly endNow: (exitCode: number) => void;
  /**
   * Calls `listener` once the process that started this one is gone, however it went; at once when it is gone already
   * or was never connected. The returned function stops that.
   */
  readonly onParentEnd: (listener: () => void) => () => void;
}

/** The real process. */
export function processIo(): CliIo {
  const { env, stdout, stderr } = process;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    env,
    cwd: process.cwd(),
    operatorId: accountName(),
    // Some terminals say 0 or nothing about their size; cutting lines to that would show nothing.
    columns: stdout.isTTY && stdout.columns >= COLUMNS_MIN ? stdout.columns : undefined,
    colored: stdout.isTTY === true && !plain,
    talksToPerson: stderr.isTTY === true,
    errColumns: stderr.isTTY === true && env['TERM'] !== 'dumb' ? () => stderr.columns : undefined,
    ask: process.stdin.isTTY === true && stderr.isTTY === true ? askPerson : undefined,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    onEndRequest: (listener) => {
      const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    endNow: (exitCode) => process.exit(exitCode),
    onParentEnd: (listener) => {
      if (process.connected !== true) {
        listener();
        return () => undefined;
      }
      // The operating system closes the channel between the two, so nothing must be polled.
      process.once('disconnect', listener);
      process.channel?.unref();
      return () => void process.off('disconnect', listener);
    },
  };
}

async function askPerson(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** A user without an entry in the account database is still a user: its number is its name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
