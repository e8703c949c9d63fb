/** Exit codes of every command but `status`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  badInput: 2,
  noEngine: 3,
  notAllowed: 4,
  held: 5,
} as const;

/** Exit codes of what a signal ended, as shells count them: 128 and the number of the signal. */
const SIGNAL_EXITS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Exit code of a command that a signal asked to end. */
export function signalExit(signal: string): number {
  return SIGNAL_EXITS[signal] ?? EXIT.failed;
}

/** Exit codes of `status`, as monitoring programs expect them. */
export const STATUS_EXIT = {
  ok: 0,
  warn: 1,
  fail: 2,
  unknown: 3,
} as const;

/** What the codes mean, for help and reference. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'done as asked',
  [EXIT.failed]: 'refused by the engine, or failed',
  [EXIT.badInput]: 'bad input: an option, a reason, a name or the config',
  [EXIT.noEngine]: 'no engine answers',
  [EXIT.notAllowed]: 'the operator lacks the permission',
};
