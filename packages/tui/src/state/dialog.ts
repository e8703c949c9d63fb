import { reasonProblem } from '@qts-ops/core/client';
import {
  type Act,
  type ActSubject,
  actProblem,
  kindOf,
  movedFacts,
  subjectIdOf,
  subjectName,
} from './act.ts';
import { nextForMs, usualForMs } from './alert-act.ts';
import { EMPTY_FIELD, editField, insertText, type TextField, textOf } from './text-field.ts';

/** After a dialog opens or asks anew, keys are ignored for so long: typed-ahead keys must never decide. */
export const DEAF_MS = 400;

/** The request of an act, fixed at the moment of `y`; asking again sends exactly this. */
export interface PendingAct {
  readonly act: Act;
  /** Id of the target, alert or silence. */
  readonly subjectId: string;
  /** What a person calls it. */
  readonly name: string;
  readonly executionId?: string;
  readonly reason: string;
  readonly requestId: string;
  /** Of a target; nothing else has one. */
  readonly expectedRevision?: number;
  readonly forMs?: number;
}

/** Where a dialog stands. */
export type DialogStep =
  | { readonly kind: 'reason' }
  | { readonly kind: 'review' }
  | { readonly kind: 'sending'; readonly pending: PendingAct }
  /** The engine was lost before it answered: the act may or may not have happened. */
  | { readonly kind: 'unknown'; readonly pending: PendingAct; readonly problem: string }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly problem: string;
      readonly remedy: readonly string[];
    }
  /** The act makes no sense any more; only leaving is possible. */
  | { readonly kind: 'obsolete'; readonly problem: string };

/** One act being decided: what it is about is pinned, the list behind is frozen. */
export interface Dialog {
  readonly act: Act;
  readonly subjectId: string;
  /** The target or alert as the person sees it in this dialog; the revision of a target is what is sent. */
  readonly pinned: ActSubject;
  /** How long the act holds, ms; absent where that is not chosen. */
  readonly forMs?: number;
  readonly requestId: string;
  readonly field: TextField;
  readonly step: DialogStep;
  /** Keys before this instant of this machine's clock are dropped. */
  readonly deafUntilMs: number;
  /** Set when what the decision rests on has changed while the dialog was open. */
  readonly moved?: { readonly was: string; readonly now: string };
}

/** What a key in a dialog leads to. */
export type DialogTurn =
  | { readonly kind: 'stay'; readonly dialog: Dialog }
  | { readonly kind: 'close'; readonly note: string }
  | { readonly kind: 'send'; readonly dialog: Dialog; readonly pending: PendingAct };

/** What a dialog needs to open. */
export interface DialogOpening {
  readonly subject: ActSubject;
  /** A new id for this act; the engine does nothing twice under one id. */
  readonly requestId: string;
  readonly localMs: number;
}

/** Opens a dialog on one target or alert as it is now. */
export function openDialog({ subject, requestId, localMs }: DialogOpening): Dialog {
  const { act } = subject;
  const forMs = usualForMs(act, 'alert' in subject ? subject.alert : undefined);
  return {
    act,
    subjectId: subjectIdOf(subject),
    pinned: subject,
    ...(forMs === undefined ? {} : { forMs }),
    requestId,
    field: EMPTY_FIELD,
    step: { kind: 'reason' },
    deafUntilMs: localMs + DEAF_MS,
  };
}

/** Why the typed reason is not accepted yet; absent when it is. */
export function dialogReasonProblem(dialog: Dialog): string | undefined {
  return reasonProblem(textOf(dialog.field), dialog.act);
}

/** What a key does in a dialog. `linkTrouble` says why nothing can be sent now. */
export function pressDialogKey(
  dialog: Dialog,
  key: string,
  at: { readonly localMs: number; readonly linkTrouble?: string | undefined },
): DialogTurn {
  const { step } = dialog;
  if (key === 'esc') return leave(dialog);
  if (at.localMs < dialog.deafUntilMs) return stay(dialog);
  switch (step.kind) {
    case 'reason':
      return pressReasonKey(dialog, key, at.localMs);
    case 'review':
      if (key === 'n') return leave(dialog);
      if (key === 'y' && at.linkTrouble === undefined) return send(dialog, pendingOf(dialog));
      return stay(key === 'left' ? { ...dialog, step: { kind: 'reason' } } : dialog);
    case 'unknown':
      if (key === 'n') return leave(dialog);
      if (key === 'y' && at.linkTrouble === undefined) return send(dialog, step.pending);
      return stay(dialog);
    case 'refused':
    case 'obsolete':
      return key === 'enter' || key === 'n' || key === 'q' ? leave(dialog) : stay(dialog);
    case 'sending':
      return stay(dialog);
    default:
      return step satisfies never;
  }
}

/** Pasted text goes into the reason and nowhere else. */
export function pasteIntoDialog(dialog: Dialog, text: string, localMs: number): Dialog {
  if (dialog.step.kind !== 'reason' || localMs < dialog.deafUntilMs) return dialog;
  return { ...dialog, field: insertText(dialog.field, text) };
}

/**
 * The dialog after its target or alert changed. A routine change moves the pinned state along; a change of what the
 * decision rests on is shown and asks anew; when the act makes no sense any more, only leaving remains.
 */
export function followSubject(dialog: Dialog, subject: ActSubject | undefined, localMs: number): Dialog {
  if (dialog.step.kind !== 'reason' && dialog.step.kind !== 'review') return dialog;
  if (subject === undefined) {
    return { ...dialog, step: { kind: 'obsolete', problem: `this ${kindOf(dialog.pinned)} is gone` } };
  }
  if (shownOf(subject) === shownOf(dialog.pinned)) return dialog;
  const problem = dialog.act === 'run' ? undefined : actProblem(subject);
  if (problem !== undefined) return { ...dialog, pinned: subject, step: { kind: 'obsolete', problem } };
  const moved = movedFacts(dialog.pinned, subject);
  if (moved === undefined) return { ...dialog, pinned: subject };
  return { ...dialog, pinned: subject, moved, deafUntilMs: localMs + DEAF_MS };
}

/** The engine refused because it had moved on: shows the new state and asks again under a new request id. */
export function askAgain(
  dialog: Dialog,
  subject: ActSubject,
  fresh: { readonly requestId: string; readonly localMs: number },
): Dialog {
  const routine = { was: revisionText(dialog.pinned), now: revisionText(subject) };
  const moved = movedFacts(dialog.pinned, subject) ?? routine;
  const problem = actProblem(subject);
  return {
    ...dialog,
    pinned: subject,
    requestId: fresh.requestId,
    moved,
    step: problem === undefined || dialog.act === 'run' ? { kind: 'review' } : { kind: 'obsolete', problem },
    deafUntilMs: fresh.localMs + DEAF_MS,
  };
}

function pressReasonKey(dialog: Dialog, key: string, localMs: number): DialogTurn {
  if (key === 'enter') {
    if (dialogReasonProblem(dialog) !== undefined) return stay(dialog);
    return stay({ ...dialog, step: { kind: 'review' }, deafUntilMs: localMs + DEAF_MS });
  }
  if ((key === 'tab' || key === 'shift-tab') && dialog.forMs !== undefined) {
    return stay({ ...dialog, forMs: nextForMs(dialog.act, dialog.forMs, key === 'tab' ? 1 : -1) });
  }
  if (key === 'space') return stay({ ...dialog, field: insertText(dialog.field, ' ') });
  if (isText(key)) return stay({ ...dialog, field: insertText(dialog.field, key) });
  return stay({ ...dialog, field: editField(dialog.field, key) });
}

/** Keys with a name of more than one ASCII letter are not text. */
function isText(key: string): boolean {
  return key.length === 1 || !/^[\x20-\x7e]+$/.test(key);
}

function pendingOf(dialog: Dialog): PendingAct {
  const { act, subjectId, pinned, requestId, forMs } = dialog;
  return {
    act,
    subjectId,
    name: subjectName(pinned),
    ...('target' in pinned && pinned.executionId !== undefined ? { executionId: pinned.executionId } : {}),
    reason: textOf(dialog.field).trim(),
    requestId,
    ...('target' in pinned ? { expectedRevision: pinned.target.revision } : {}),
    ...(forMs === undefined ? {} : { forMs }),
  };
}

function shownOf(subject: ActSubject): object {
  if ('alert' in subject) return subject.alert;
  return 'silence' in subject ? subject.silence : subject.target;
}

function revisionText(subject: ActSubject): string {
  if ('alert' in subject) return `seen ${subject.alert.count} times`;
  return 'silence' in subject ? `until ${subject.silence.endsAtMs}` : `revision ${subject.target.revision}`;
}

function stay(dialog: Dialog): DialogTurn {
  return { kind: 'stay', dialog };
}

function send(dialog: Dialog, pending: PendingAct): DialogTurn {
  return { kind: 'send', dialog: { ...dialog, step: { kind: 'sending', pending } }, pending };
}

/** Leaving says what is left behind: nothing, or an act whose outcome nobody here knows. */
function leave(dialog: Dialog): DialogTurn {
  const { step } = dialog;
  // While a request is under way, leaving would hide its answer.
  if (step.kind === 'sending') return stay(dialog);
  const left = step.kind === 'unknown';
  return {
    kind: 'close',
    note: left
      ? `${dialog.act} ${subjectName(dialog.pinned)}: outcome UNKNOWN, look at the last acts`
      : `${dialog.act} dropped, nothing was sent`,
  };
}
