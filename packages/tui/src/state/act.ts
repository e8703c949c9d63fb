import type { AlertView, ExecutionView, SilenceView, TargetView } from '@qts-ops/core/client';
import { alertFacts, alertProblem } from './alert-act.ts';
import { silenceWord } from './silence-words.ts';

/** What can be asked for about a target. */
export const TARGET_ACTS = ['run', 'pause', 'resume', 'stop', 'reset'] as const;
export type TargetAct = (typeof TARGET_ACTS)[number];

/** What can be asked for about an alert. */
export const ALERT_ACTS = ['acknowledge', 'unacknowledge', 'silence'] as const;
export type AlertAct = (typeof ALERT_ACTS)[number];

/** What can be asked for about a silence. */
export type SilenceAct = 'unsilence';

/** The manual acts this screen can ask for. */
export type Act = TargetAct | AlertAct | SilenceAct;

/** True for the act about a silence. */
export function isSilenceAct(act: Act): act is SilenceAct {
  return act === 'unsilence';
}

/** True for an act about an alert. */
export function isAlertAct(act: Act): act is AlertAct {
  return ALERT_ACTS.some((known) => known === act);
}

/** Level 1 can be undone by its inverse; level 2 starts or ends work. */
export const ACT_LEVELS: Readonly<Record<Act, 1 | 2>> = {
  run: 2,
  pause: 1,
  resume: 1,
  stop: 2,
  reset: 1,
  acknowledge: 1,
  unacknowledge: 1,
  silence: 1,
  unsilence: 1,
};

/** Headings of the dialogs. */
export const ACT_TITLES: Readonly<Record<Act, string>> = {
  run: 'RUN NOW',
  pause: 'PAUSE',
  resume: 'RESUME',
  stop: 'STOP RUN',
  reset: 'RESET ERRORS',
  acknowledge: 'ACKNOWLEDGE',
  unacknowledge: 'GIVE BACK',
  silence: 'SILENCE',
  unsilence: 'END SILENCE',
};

/** An act about a target; a stop is about the one execution that shall end. */
export interface TargetSubject {
  readonly act: TargetAct;
  readonly target: TargetView;
  readonly executionId?: string;
}

/** An act about an alert. */
export interface AlertSubject {
  readonly act: AlertAct;
  readonly alert: AlertView;
}

/** An act about a silence, as it was at `nowMs`. */
export interface SilenceSubject {
  readonly act: SilenceAct;
  readonly silence: SilenceView;
  readonly nowMs: number;
}

/** What an act is about, as the person sees it. */
export type ActSubject = TargetSubject | AlertSubject | SilenceSubject;

/** What an act is about in one word. */
export function kindOf(subject: ActSubject): 'target' | 'alert' | 'silence' {
  if ('alert' in subject) return 'alert';
  return 'silence' in subject ? 'silence' : 'target';
}

/** The id of the target, alert or silence. */
export function subjectIdOf(subject: ActSubject): string {
  if ('alert' in subject) return subject.alert.id;
  return 'silence' in subject ? subject.silence.id : subject.target.id;
}

/** What a person calls it: the key of an alert and the matchers of a silence say more than their ids. */
export function subjectName(subject: ActSubject): string {
  if ('alert' in subject) return subject.alert.dedupKey;
  return 'silence' in subject ? subject.silence.matchers.join(' ') : subject.target.id;
}

/** Why an act makes no sense now; absent when it does. The engine decides again. */
export function actProblem(subject: ActSubject): string | undefined {
  if ('alert' in subject) return alertProblem(subject);
  return 'silence' in subject ? silenceProblem(subject) : targetProblem(subject);
}

function silenceProblem({ silence, nowMs }: SilenceSubject): string | undefined {
  return silenceWord(silence, nowMs) === 'ENDED' ? 'this silence has ended' : undefined;
}

function targetProblem({ act, target, executionId }: TargetSubject): string | undefined {
  const { running } = target;
  switch (act) {
    case 'run':
      if (running !== undefined) return 'already running';
      return target.detached ? 'an ended function still goes on in the engine' : undefined;
    case 'pause':
      return target.pause === undefined ? undefined : 'already paused';
    case 'resume':
      return target.pause === undefined ? 'not paused' : undefined;
    case 'stop':
      if (running === undefined) return 'not running';
      if (executionId !== undefined && running.executionId !== executionId) return 'this run has ended';
      return running.stopping ? 'already stopping' : undefined;
    case 'reset':
      return target.consecutiveErrors === 0 && target.breaker.kind === 'closed' ? 'no errors' : undefined;
    default:
      return act satisfies never;
  }
}

/**
 * What the decision for an act rests on. While these stay the same, a newer revision of the target (or another sighting
 * of the alert) is only routine; when one differs, the person must look and decide again.
 */
export function factsOf(subject: ActSubject): readonly string[] {
  if ('alert' in subject) return alertFacts(subject);
  return 'silence' in subject ? [silenceWord(subject.silence, subject.nowMs)] : targetFacts(subject);
}

function targetFacts({ act, target, executionId }: TargetSubject): readonly string[] {
  const held = [pauseText(target), target.breaker.kind === 'closed' ? 'not suspended' : 'suspended'];
  switch (act) {
    case 'run':
    case 'pause':
    case 'reset':
      return held;
    case 'resume':
      return [pauseText(target)];
    case 'stop': {
      const { running } = target;
      if (running === undefined || running.executionId !== executionId) return ['this run has ended'];
      return [running.stopping ? 'stopping' : 'running'];
    }
    default:
      return act satisfies never;
  }
}

/** The facts that differ, as they were and as they are; absent when none does. */
export function movedFacts(
  before: ActSubject,
  after: ActSubject,
): { readonly was: string; readonly now: string } | undefined {
  const was = factsOf(before);
  const now = factsOf(after);
  const moved = was.flatMap((fact, index) => (fact === now[index] ? [] : [index]));
  if (moved.length === 0) return undefined;
  const text = (facts: readonly string[]): string => moved.map((index) => facts[index] ?? '').join(', ');
  return { was: text(was), now: text(now) };
}

/** True when the effect of an accepted act can be seen in what the engine shows. */
export function effectSeen(subject: ActSubject, executions: readonly ExecutionView[]): boolean {
  if ('alert' in subject) return alertEffectSeen(subject);
  if ('silence' in subject) return silenceProblem(subject) !== undefined;
  const { act, target, executionId } = subject;
  switch (act) {
    case 'run':
      return executions.some((execution) => execution.id === executionId);
    case 'pause':
      return target.pause !== undefined;
    case 'resume':
      return target.pause === undefined;
    case 'stop':
      return target.running?.executionId !== executionId;
    case 'reset':
      return target.consecutiveErrors === 0 && target.breaker.kind === 'closed';
    default:
      return act satisfies never;
  }
}

function alertEffectSeen({ act, alert }: AlertSubject): boolean {
  // A silence shows on an alert only when the next notice would have been due.
  if (act === 'silence') return false;
  return (alert.acknowledgedBy !== undefined) === (act === 'acknowledge');
}

function pauseText(target: TargetView): string {
  return target.pause === undefined ? 'not paused' : `paused by ${target.pause.operatorId}`;
}
