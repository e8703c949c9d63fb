import { ACT_TITLES } from './act.ts';
import type { Action, Answer } from './actions.ts';
import {
  askAgain,
  type Dialog,
  openDialog,
  type PendingAct,
  pasteIntoDialog,
  pressDialogKey,
} from './dialog.ts';
import { freeze, unfreeze } from './freeze-rules.ts';
import { linkProblem } from './link.ts';
import { pasteIntoFilter } from './list-reducer.ts';
import type { ScreenState } from './screen-state.ts';

type DialogAction = Extract<Action, { kind: 'dialog.open' | 'dialog.key' | 'paste' | 'answer' }>;

/** Opening, typing, confirming and answering of acts. */
export function reduceDialog(state: ScreenState, action: DialogAction): ScreenState {
  switch (action.kind) {
    case 'dialog.open': {
      if (state.dialog !== undefined) return state;
      const dialog = openDialog({ ...action, localMs: state.frame.localMs });
      return { ...withoutFlash(freeze(state, 'dialog')), dialog };
    }
    case 'dialog.key':
      return pressKey(state, action.key);
    case 'paste':
      return paste(state, action.text);
    case 'answer':
      return answer(state, action.requestId, action.answer);
    default:
      return action satisfies never;
  }
}

function pressKey(state: ScreenState, key: string): ScreenState {
  if (state.dialog === undefined) return state;
  const { localMs } = state.frame;
  const turn = pressDialogKey(state.dialog, key, { localMs, linkTrouble: linkProblem(state.link, localMs) });
  if (turn.kind === 'close') return { ...closeDialog(state), flash: { text: turn.note, tone: 'plain' } };
  return { ...state, dialog: turn.dialog };
}

function paste(state: ScreenState, text: string): ScreenState {
  if (state.dialog?.step.kind === 'reason') {
    return { ...state, dialog: pasteIntoDialog(state.dialog, text, state.frame.localMs) };
  }
  if (state.filtering !== undefined && state.dialog === undefined) return pasteIntoFilter(state, text);
  return { ...state, flash: { text: 'pasted text was dropped: nothing here takes text', tone: 'plain' } };
}

function answer(state: ScreenState, requestId: string, given: Answer): ScreenState {
  const { dialog } = state;
  if (dialog?.step.kind !== 'sending' || dialog.step.pending.requestId !== requestId) return state;
  const { pending } = dialog.step;
  switch (given.kind) {
    case 'accepted':
      return accepted(state, pending, given);
    case 'moved':
      return {
        ...state,
        dialog: askAgain(dialog, given.subject, { requestId: given.requestId, localMs: state.frame.localMs }),
      };
    case 'refused':
      return withStep(state, dialog, { ...given });
    case 'unknown':
      return withStep(state, dialog, { kind: 'unknown', pending, problem: given.problem });
    default:
      return given satisfies never;
  }
}

function accepted(
  state: ScreenState,
  pending: PendingAct,
  given: Extract<Answer, { kind: 'accepted' }>,
): ScreenState {
  const executionId = given.executionId ?? pending.executionId;
  const title = ACT_TITLES[pending.act].toLowerCase();
  const before = given.repeated ? ' before, not done twice' : '';
  const text = `accepted${before}, audit ${given.auditSeq}: ${title} ${pending.name}`;
  const scope = executionId === undefined ? {} : { executionId };
  const closed: ScreenState = { ...closeDialog(state), flash: { text, tone: 'good' } };
  if (pending.act === 'silence') return closed;
  return {
    ...closed,
    awaited: { act: pending.act, subjectId: pending.subjectId, text, ...scope },
  };
}

function withStep(state: ScreenState, dialog: Dialog, step: Dialog['step']): ScreenState {
  return { ...state, dialog: { ...dialog, step } };
}

function closeDialog(state: ScreenState): ScreenState {
  const { dialog: _, ...rest } = unfreeze(state, 'dialog');
  return rest;
}

function withoutFlash(state: ScreenState): ScreenState {
  const { flash: _, awaited: __, ...rest } = state;
  return rest;
}
