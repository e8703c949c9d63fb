import type { TargetCause } from './target-store.ts';

/** What every event about a target says. */
export interface TargetEvent {
  readonly targetId: string;
  readonly revision: number;
  readonly consecutiveErrors: number;
  readonly lastErrorCode?: string;
  readonly lastErrorMessage?: string;
}

/** What the targets chapter says, in the past tense. */
export interface TargetEvents {
  'target.moved': TargetEvent;
  'target.suspended': TargetEvent;
  'target.recovered': TargetEvent;
  'target.paused': TargetEvent;
  'target.resumed': TargetEvent;
  'target.reset': TargetEvent;
}

/** The event a cause becomes; everything an operator did not ask for and need not know is `target.moved`. */
export function targetEventName(because: TargetCause): keyof TargetEvents {
  switch (because) {
    case 'suspended':
      return 'target.suspended';
    case 'recovered':
      return 'target.recovered';
    case 'paused':
      return 'target.paused';
    case 'resumed':
      return 'target.resumed';
    case 'reset':
      return 'target.reset';
    default:
      return 'target.moved';
  }
}
