import type { Action } from './actions.ts';
import { type Filter, NO_FILTER, parseFilter } from './filter.ts';
import { freeze, unfreeze } from './freeze-rules.ts';
import { movePlace, selectPlace } from './list-rules.ts';
import { fieldsOf, isProblemRow, visibleIds } from './lists.ts';
import type { ListView, ScreenState, Tab } from './screen-state.ts';
import { layoutOf } from './selectors.ts';
import { editField, fieldOf, insertText, type TextField, textOf } from './text-field.ts';

/** Actions that keys on a list lead to. */
export type ListAction = Extract<
  Action,
  { kind: 'move' | 'problem' | 'tab' | 'back' | 'filter.start' | 'filter.key' | 'problemsOnly' | 'freeze' }
>;

/** Moving, filtering and freezing of the lists, and the way back. */
export function reduceList(state: ScreenState, action: ListAction): ScreenState {
  switch (action.kind) {
    case 'move':
      return move(state, action.by);
    case 'problem':
      return toProblem(state, action.direction);
    case 'tab':
      return toTab(state, action.tab, action.jobId);
    case 'back':
      return back(state);
    case 'filter.start':
      return startFilter(state);
    case 'filter.key':
      return filterKey(state, action.key);
    case 'problemsOnly':
      return rematch(withList(state, { problemsOnly: !listOf(state).problemsOnly }));
    case 'freeze':
      return state.frozen === undefined ? freeze(state, 'key') : unfreeze(state);
    default:
      return action satisfies never;
  }
}

/** Pasted text while the filter is being typed. */
export function pasteIntoFilter(state: ScreenState, text: string): ScreenState {
  return state.filtering === undefined ? state : refilter(state, insertText(state.filtering, text));
}

function listOf(state: ScreenState): ListView {
  return state[state.tab];
}

function withList(state: ScreenState, change: Partial<ListView>): ScreenState {
  return { ...state, [state.tab]: { ...listOf(state), ...change } };
}

function move(state: ScreenState, by: number): ScreenState {
  const list = listOf(state);
  return withList(state, { place: movePlace(list.place, list.ids, { by, height: layoutOf(state).list }) });
}

function toProblem(state: ScreenState, direction: 1 | -1): ScreenState {
  const list = listOf(state);
  const count = list.ids.length;
  for (let step = 1; step <= count; step++) {
    const id = list.ids[(list.place.index + direction * step + count * step) % count];
    if (id === undefined || !isProblemRow(state, state.tab, id)) continue;
    return withList(state, {
      place: selectPlace(list.place, list.ids, { id, height: layoutOf(state).list }),
    });
  }
  return { ...state, flash: { text: 'no problem in this list', tone: 'plain' } };
}

function toTab(state: ScreenState, tab: Tab, jobId: string | undefined): ScreenState {
  const { jobId: before, filtering: _, ...rest } = state;
  if (tab !== 'executions')
    return { ...rest, tab, pages: [], ...(before === undefined ? {} : { jobId: before }) };
  const scope = jobId === undefined ? {} : { jobId };
  const executions: ListView =
    before === jobId
      ? state.executions
      : { ...state.executions, place: { index: 0, top: 0 }, filter: NO_FILTER };
  return { ...rest, ...scope, tab, pages: [], executions };
}

/** One step back: out of a page, out of a filter, out of a scope, to the first screen. */
function back(state: ScreenState): ScreenState {
  if (state.pages.length > 0) return { ...state, pages: state.pages.slice(0, -1) };
  const list = listOf(state);
  if (list.filter.terms.length > 0 || list.problemsOnly) {
    return withList(state, { filter: NO_FILTER, problemsOnly: false });
  }
  if (state.frozen?.by === 'key') return unfreeze(state);
  if (state.tab === 'targets') return state;
  const { jobId: _, ...rest } = state;
  return { ...rest, tab: 'targets' };
}

function startFilter(state: ScreenState): ScreenState {
  const { filter, place } = listOf(state);
  const anchor = place.selectedId === undefined ? {} : { anchorId: place.selectedId };
  return { ...state, filtering: { ...fieldOf(filter.text), ...anchor } };
}

function filterKey(state: ScreenState, key: string): ScreenState {
  const { filtering, ...rest } = state;
  if (filtering === undefined) return state;
  if (key === 'enter') return rest;
  if (key === 'esc') return withList(rest, { filter: NO_FILTER });
  if (key === 'space') return refilter(state, insertText(filtering, ' '));
  if (key.length === 1 || !/^[\x20-\x7e]+$/.test(key)) return refilter(state, insertText(filtering, key));
  return refilter(state, editField(filtering, key));
}

function refilter(state: ScreenState, field: TextField): ScreenState {
  const text = textOf(field).trim();
  const filter: Filter = text === '' ? NO_FILTER : parseFilter(text, fieldsOf(state.tab));
  const { anchorId } = state.filtering ?? {};
  const filtering = anchorId === undefined ? field : { ...field, anchorId };
  return rematch({ ...withList(state, { filter }), filtering });
}

/**
 * After the person changed the filter the selection moves to a row that matches: the one that was selected when the
 * typing began, if it does, else the present one, else the first.
 */
function rematch(state: ScreenState): ScreenState {
  const ids = visibleIds(state, state.tab, undefined);
  const list = listOf(state);
  const wished = [state.filtering?.anchorId, list.place.selectedId, ids[0]];
  const selectedId = wished.find((id) => id !== undefined && ids.includes(id));
  const { index, top } = list.place;
  return withoutKept(
    withList(state, { place: { index, top, ...(selectedId === undefined ? {} : { selectedId }) } }),
  );
}

function withoutKept(state: ScreenState): ScreenState {
  const { keptId: _, ...list } = listOf(state);
  return { ...state, [state.tab]: list };
}
