import { type Act, type ActSubject, effectSeen, isAlertAct, isSilenceAct } from './act.ts';
import type { Action } from './actions.ts';
import { followSubject } from './dialog.ts';
import { reduceDialog } from './dialog-reducer.ts';
import { unfreeze } from './freeze-rules.ts';
import { isFresh } from './link.ts';
import { reduceList } from './list-reducer.ts';
import { settlePlace } from './list-rules.ts';
import { visibleIds } from './lists.ts';
import type { Frame, ListView, Page, ScreenState, Tab } from './screen-state.ts';
import { layoutOf, listWorld, openPage } from './selectors.ts';
import { nextOrder } from './target-order.ts';
import { applyMessages, withActs, withAlertHistory } from './world.ts';

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
    case 'asked':
      return { ...state, asked: action.asked };
    case 'ended':
      return { ...state, world: withAlertHistory(state.world, action.alerts) };
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
  // The targets stay settled behind every other list: other screens lead back to the selected one.
  const settled = settleTab(state, 'targets');
  return state.tab === 'targets' ? settled : settleTab(settled, state.tab);
}

function settleTab(state: ScreenState, tab: Tab): ScreenState {
  const ids = visibleIds(state, tab, state[tab].keptId);
  return { ...state, [tab]: settleList(state[tab], ids, layoutOf(state).list) };
}

function settleList(list: ListView, ids: readonly string[], height: number): ListView {
  const { keptId: _, ...rest } = list;
  const place = settlePlace(list.place, ids, height);
  return { ...rest, ids, place, ...(place.selectedId === undefined ? {} : { keptId: place.selectedId }) };
}

function settleDialog(state: ScreenState): ScreenState {
  const { dialog } = state;
  if (dialog === undefined || !isFresh(state.link)) return state;
  const { pinned } = dialog;
  const executionId = 'target' in pinned ? pinned.executionId : undefined;
  const now = subjectNow(state, { act: dialog.act, subjectId: dialog.subjectId, executionId });
  const followed = followSubject(dialog, now, state.frame.localMs);
  return followed === dialog ? state : { ...state, dialog: followed };
}

function settleEffect(state: ScreenState): ScreenState {
  const { awaited, ...rest } = state;
  if (awaited === undefined) return state;
  const subject = subjectNow(state, awaited);
  if (subject === undefined) return rest;
  if (!effectSeen(subject, state.world.executions)) return state;
  return { ...rest, flash: { text: `${awaited.text} · effect seen`, tone: 'good' } };
}

/** What an act is about, as the engine shows it now; absent when it is gone. */
function subjectNow(
  { world, asked, frame }: ScreenState,
  of: { readonly act: Act; readonly subjectId: string; readonly executionId?: string | undefined },
): ActSubject | undefined {
  const { act, subjectId, executionId } = of;
  if (isAlertAct(act)) {
    const alert = world.alerts.find(({ id }) => id === subjectId);
    return alert === undefined ? undefined : { act, alert };
  }
  if (isSilenceAct(act)) {
    const silence = asked.silences?.find(({ id }) => id === subjectId);
    return silence === undefined ? undefined : { act, silence, nowMs: frame.nowMs };
  }
  const target = world.targets.get(subjectId);
  if (target === undefined) return undefined;
  return { act, target, ...(executionId === undefined ? {} : { executionId }) };
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
