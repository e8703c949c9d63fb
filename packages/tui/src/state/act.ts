import type { ExecutionView, TargetView } from '@qts-ops/core/client';

/** The manual acts this screen can ask for. */
export const ACTS = ['run', 'pause', 'resume', 'stop', 'reset'] as const;
export type Act = (typeof ACTS)[number];

/** Level 1 can be undone by its inverse; level 2 starts or ends work. */
export const ACT_LEVELS: Readonly<Record<Act, 1 | 2>> = { run: 2, pause: 1, resume: 1, stop: 2, reset: 1 };

/** Headings of the dialogs. */
export const ACT_TITLES: Readonly<Record<Act, string>> = {
  run: 'RUN NOW',
  pause: 'PAUSE',
  resume: 'RESUME',
  stop: 'STOP RUN',
  reset: 'RESET ERRORS',
};

/** What an act is about: a target, and for a stop the one execution that shall end. */
export interface ActSubject {
  readonly act: Act;
  readonly target: TargetView;
  readonly executionId?: string;
}

/** Why an act makes no sense for this target now; absent when it does. The engine decides again. */
export function actProblem({ act, target, executionId }: ActSubject): string | undefined {
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
 * What the decision for an act rests on. While these stay the same, a newer revision of the target is only routine (a
 * slot passed, a run ended); when one differs, the person must look and decide again.
 */
export function factsOf({ act, target, executionId }: ActSubject): readonly string[] {
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

function pauseText(target: TargetView): string {
  return target.pause === undefined ? 'not paused' : `paused by ${target.pause.operatorId}`;
}
