import type { CheckCall, CheckFinding, CheckStatus } from '@qts-ops/core/plugin';
import { diskTurns } from './disk-turns.ts';
import { shortLine } from './short-line.ts';
import { shownMs } from './shown-numbers.ts';
import { reasonOf } from './trouble.ts';

/** The engine keeps no more of a message. */
const MESSAGE_MAX_CHARACTERS = 300;

/** What one look is, apart from the looking. */
export interface LookRules {
  /** What is looked at, as messages show it: without credentials. */
  readonly target: string;
  /** How long the target may take to answer, ms. */
  readonly answerWithinMs: number;
  /** What it means that no answer came in time: `fail` where answering is the target's duty. */
  readonly whenLate: 'fail' | 'unknown';
  /** True for work on files: it takes its turn, so that a disk that hangs does not take every thread with it. */
  readonly usesDisk?: boolean | undefined;
  /** What an error means; without it every error is «we could not look». */
  readonly explain?: ((error: unknown) => Verdict) | undefined;
}

/** A state and the reason for it, without the name of the target. */
export interface Verdict {
  readonly status: CheckStatus;
  readonly reason: string;
}

/**
 * Looks once, and is done at the deadline even when the work does not listen to its signal. Never rejects: what goes
 * wrong is a finding. The work is given a signal that aborts at the deadline and when the engine stops waiting.
 */
export async function look(
  call: CheckCall,
  rules: LookRules,
  work: (signal: AbortSignal) => Promise<CheckFinding>,
): Promise<CheckFinding> {
  const startedMs = performance.now();
  const ended = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const end = () => {
    ended.abort();
    reject(new LookEnded());
  };
  const timer = setTimeout(end, rules.answerWithinMs);
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return work(ended.signal);
  };
  const worked = () => (rules.usesDisk === true ? diskTurns.run(rules.target, ended.signal, begin) : begin());
  call.signal.addEventListener('abort', end, { once: true });
  if (call.signal.aborted) end();
  try {
    // Work that has not begun yet is not begun at all; its race is lost either way.
    const finding = await Promise.race([late, ended.signal.aborted ? late : worked()]);
    return { ...finding, message: shortLine(finding.message, MESSAGE_MAX_CHARACTERS) };
  } catch (error) {
    if (ended.signal.aborted && !hasBegun && !call.signal.aborted) return waitedFinding(rules);
    if (ended.signal.aborted) return endedFinding(call, rules, performance.now() - startedMs);
    const { status, reason } = rules.explain?.(error) ?? { status: 'unknown', reason: reasonOf(error) };
    return { status, message: shortLine(`${rules.target}: ${reason}`, MESSAGE_MAX_CHARACTERS) };
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', end);
    // What the work may still hold open after its answer is closed by its signal.
    ended.abort();
  }
}

class LookEnded extends Error {}

/** It had no turn. When that is because of its own disk, it means what no answer means. */
function waitedFinding(rules: LookRules): CheckFinding {
  const { busy } = diskTurns;
  const own = busy.includes(rules.target);
  const others = shortLine(busy.join(', '), 120);
  return {
    status: own ? rules.whenLate : 'unknown',
    message: own
      ? `${shown(rules)}: an earlier look still waits for the disk`
      : `${shown(rules)}: not looked at, for looks still wait for the disk: ${others}`,
  };
}

function endedFinding(call: CheckCall, rules: LookRules, elapsedMs: number): CheckFinding {
  const reason: unknown = call.signal.reason;
  const isStopped = call.signal.aborted && !(reason instanceof Error && reason.name === 'TimeoutError');
  if (isStopped) {
    return { status: 'unknown', message: `${shown(rules)}: the look was stopped before an answer` };
  }
  // The engine's deadline may be the shorter one; only the time that passed tells it.
  const allowedMs = call.signal.aborted ? Math.max(1, Math.round(elapsedMs)) : rules.answerWithinMs;
  return { status: rules.whenLate, message: `${shown(rules)}: no answer within ${shownMs(allowedMs)}` };
}

function shown({ target }: LookRules): string {
  return shortLine(target, MESSAGE_MAX_CHARACTERS - 60);
}
