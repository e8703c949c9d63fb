import { effectSeen } from './act.ts';
import type { Action } from './actions.ts';
import { followTarget } from './dialog.ts';
import { reduceDialog } from './dialog-reducer.ts';
import { unfreeze } from './freeze-rules.ts';
import { isFresh } from './link.ts';
import { reduceList } from './list-reducer.ts';
import { settlePlace } from './list-rules.ts';
import type { Frame, ListView, Page, ScreenState } from './screen-state.ts';
import { layoutOf, listWorld, openPage, visibleExecutions, visibleTargets } from './selectors.ts';
import { nextOrder } from './target-order.ts';
import { applyMessages, withActs } from './world.ts';

/** The screen after something happened at the time of `frame`; pure, so that every promise of the screen can be tested. */
export function reduce(state: ScreenState, action: Action, frame: Frame): ScreenState {
  return settle(step({ ...state, frame }, action));
}

function step(state: ScreenState, action: Action): ScreenState {
  switch (action.kind) {
    case 'messages':
      return receive(state, action);
    case 'link':
      return { ...state, link: action.link };
    case 'acts':
      return { ...state, world: withActs(state.world, action.acts) };
    case 'subject':
      return { ...state, subject: action.subject };
    case 'output':
      return { ...state, output: action.output };
    case 'frame':
      return state;
    case 'resize':
      return { ...state, size: action.size };
    case 'slowness':
      return { ...state, slowness: action.slowness };
    case 'flash':
      return { ...state, flash: action.flash };
    case 'paste':
    case 'answer':
    case 'dialog.open':
    case 'dialog.key':
      return reduceDialog(state, action);
    case 'open':
      return openOver(state, action.page);
    case 'scroll':
      return scroll(state, action);
    default:
      return reduceList(withoutFlash(state), action);
  }
}

function receive(state: ScreenState, { messages }: Extract<Action, { kind: 'messages' }>): ScreenState {
  const world = applyMessages(state.world, messages);
  const before = state.world.engine?.bootId;
  const restarted = before !== undefined && world.engine !== undefined && world.engine.bootId !== before;
  const next = { ...state, world };
  return restarted ? afterRestart(next) : next;
}

/** Another engine process answers: what was being decided rested on the old one. An unknown outcome stays to be resolved. */
function afterRestart(state: ScreenState): ScreenState {
  const { dialog, awaited: _, ...rest } = state;
  const text = `the engine was restarted (boot ${state.world.engine?.bootId.slice(0, 8) ?? '?'})`;
  const kept = dialog?.step.kind === 'unknown' || dialog?.step.kind === 'sending';
  if (dialog === undefined || kept) return { ...state, flash: { text, tone: 'bad' } };
  return unfreeze(
    { ...rest, flash: { text: `${text}; the open dialog was dropped, nothing was sent`, tone: 'bad' } },
    'dialog',
  );
}

/** After every step: order, rows, selection, the open dialog and the awaited effect agree with the world again. */
function settle(state: ScreenState): ScreenState {
  const world = listWorld(state);
  const order = state.frozen === undefined ? nextOrder(state.order, world.targets, state.frame) : state.order;
  const ordered = order === state.order ? state : { ...state, order };
  return settleEffect(settleDialog(settleLists(ordered)));
}

function settleLists(state: ScreenState): ScreenState {
  const height = layoutOf(state).list;
  const targets = settleList(state.targets, visibleTargets(state, state.targets.keptId), height);
  if (state.tab === 'targets') return { ...state, targets };
  const ids = visibleExecutions(state, state.executions.keptId);
  return { ...state, targets, executions: settleList(state.executions, ids, height) };
}

function settleList(list: ListView, ids: readonly string[], height: number): ListView {
  const { keptId: _, ...rest } = list;
  const place = settlePlace(list.place, ids, height);
  return { ...rest, ids, place, ...(place.selectedId === undefined ? {} : { keptId: place.selectedId }) };
}

function settleDialog(state: ScreenState): ScreenState {
  const { dialog } = state;
  if (dialog === undefined || !isFresh(state.link)) return state;
  const followed = followTarget(dialog, state.world.targets.get(dialog.targetId), state.frame.localMs);
  return followed === dialog ? state : { ...state, dialog: followed };
}

function settleEffect(state: ScreenState): ScreenState {
  const { awaited, ...rest } = state;
  if (awaited === undefined) return state;
  const target = state.world.targets.get(awaited.targetId);
  if (target === undefined) return rest;
  const { act, executionId } = awaited;
  const subject = { act, target, ...(executionId === undefined ? {} : { executionId }) };
  if (!effectSeen(subject, state.world.executions)) return state;
  return { ...rest, flash: { text: `${awaited.text} · effect seen`, tone: 'good' } };
}

function openOver(state: ScreenState, page: Page): ScreenState {
  const top = openPage(state);
  // The same kind of page replaces itself, so that the way back stays short.
  const pages = top?.kind === page.kind ? [...state.pages.slice(0, -1), page] : [...state.pages, page];
  return { ...state, pages };
}

function scroll(state: ScreenState, action: Extract<Action, { kind: 'scroll' }>): ScreenState {
  const page = openPage(state);
  if (page === undefined) return state;
  const last = Math.max(0, action.length - action.height);
  const top = Math.min(Math.max(0, action.top), last);
  const moved =
    page.kind === 'log' ? { ...page, top, follow: top === last, seenLines: action.length } : { ...page, top };
  return { ...state, pages: [...state.pages.slice(0, -1), moved] };
}

function withoutFlash(state: ScreenState): ScreenState {
  if (state.flash === undefined || state.awaited !== undefined) return state;
  const { flash: _, ...rest } = state;
  return rest;
}
