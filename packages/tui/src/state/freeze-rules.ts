import type { ScreenState } from './screen-state.ts';

/** Keeps the lists as they stand; an operator's own freeze is not replaced by that of a dialog. */
export function freeze(state: ScreenState, by: 'key' | 'dialog'): ScreenState {
  if (state.frozen !== undefined) return state;
  return { ...state, frozen: { by, world: state.world, nowMs: state.frame.nowMs } };
}

/** Lets the lists move again; absent `by` ends every freeze, `dialog` only the one an open dialog brought. */
export function unfreeze(state: ScreenState, by?: 'dialog'): ScreenState {
  if (state.frozen === undefined || (by !== undefined && state.frozen.by !== by)) return state;
  const { frozen: _, ...rest } = state;
  return rest;
}
