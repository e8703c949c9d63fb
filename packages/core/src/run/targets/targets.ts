import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import type { ManualAction } from '../../kernel/actor.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ActDraft, ManualActs } from '../../ports/manual-acts.ts';
import type { TargetState } from './target.ts';
import {
  auditState,
  pauseTarget,
  requireRevision,
  resetTarget,
  resumeTarget,
  updateOf,
} from './target-rules.ts';
import type { TargetStates } from './target-states.ts';
import type { TargetCause, TargetChange } from './target-store.ts';

/** What was done to a target. */
export interface TargetAct {
  readonly auditSeq: number;
  readonly targetRevision: number;
  readonly repeated: boolean;
}

/** Asks for one act on one target. */
export interface TargetActRequest {
  readonly targetId: string;
  readonly by: ManualAction;
  /** Refused with BAT-0105 when the target has moved on. */
  readonly expectedRevision?: number | undefined;
}

interface TargetsOptions {
  readonly states: TargetStates<TargetChange | AuditChange>;
  readonly acts: ManualActs;
  readonly clock: Clock;
  /** Told after an act, so that the loop looks at the target again. */
  readonly onMoved: (targetId: string) => void;
}

type Verb = 'pause' | 'resume' | 'reset';

const CAUSES = { pause: 'paused', resume: 'resumed', reset: 'reset' } as const satisfies Record<
  Verb,
  TargetCause
>;
const AUDIT_TYPES = { pause: 'TARGET_PAUSE', resume: 'TARGET_RESUME', reset: 'TARGET_RESET' } as const;

/** Pauses, resumes and resets targets; every act is audited in the transaction that makes it true. */
export class Targets {
  readonly #options: TargetsOptions;

  constructor(options: TargetsOptions) {
    this.#options = options;
  }

  /** Sets a target aside: no slot is run until it is resumed. A run that is going on goes on. */
  pause(request: TargetActRequest): Promise<TargetAct> {
    const pause = {
      operatorId: request.by.actor.operatorId,
      atMs: this.#options.clock.now(),
      reason: request.by.reason,
    };
    return this.#act('pause', request, (state) =>
      state.pause === undefined ? pauseTarget(state, pause) : state,
    );
  }

  /** Takes a pause away. Slots that passed meanwhile stay recorded as paused. */
  resume(request: TargetActRequest): Promise<TargetAct> {
    return this.#act('resume', request, (state) => (state.pause === undefined ? state : resumeTarget(state)));
  }

  /** Sets the error counter to 0, which ends a suspension and a back-off. */
  reset(request: TargetActRequest): Promise<TargetAct> {
    return this.#act('reset', request, resetTarget);
  }

  #act(verb: Verb, request: TargetActRequest, next: (state: TargetState) => TargetState): Promise<TargetAct> {
    const { states, acts } = this.#options;
    const draft: ActDraft = {
      by: request.by,
      permission: 'RUN',
      name: verb,
      body: { target: request.targetId },
    };
    return states.exclusively(async () => {
      const before = states.require(request.targetId);
      const repeat = await acts.admit(draft);
      if (repeat !== undefined) {
        return { auditSeq: repeat.auditSeq, targetRevision: before.revision, repeated: true };
      }
      requireRevision(before, request.expectedRevision);
      const after = next(before);
      const record = acts.record(draft, {
        auditType: AUDIT_TYPES[verb],
        targetType: 'TARGET',
        targetId: before.targetId,
        action: 'UPDATE',
        before: auditState(before),
        after: auditState(after),
      });
      const update = after === before ? [] : [updateOf(before, after, CAUSES[verb])];
      await mustCommit(states.commit([...update, record], [after]), request.targetId);
      this.#options.onMoved(request.targetId);
      return { auditSeq: await acts.lastSeq(), targetRevision: after.revision, repeated: false };
    });
  }
}

async function mustCommit(commit: Promise<'committed' | 'conflict'>, targetId: string): Promise<void> {
  if ((await commit) === 'committed') return;
  throw opsException('BAT-0105', `target ${targetId}: its stored state was changed by somebody else`);
}
