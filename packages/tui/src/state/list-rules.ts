/** What a list remembers: the selected id (never a row number) and the first row shown. */
export interface ListPlace {
  readonly selectedId?: string;
  /** Where the selected row last was; used only to choose a neighbour when the id is gone. */
  readonly index: number;
  readonly top: number;
}

/** A list before anything is selected. */
export const LIST_START: ListPlace = { index: 0, top: 0 };

/** Finds the selected id again after rows came, went or moved, and keeps it inside the window. */
export function settlePlace(place: ListPlace, ids: readonly string[], height: number): ListPlace {
  // Nothing may be acted on that is not shown.
  if (ids.length === 0) return { index: place.index, top: 0 };
  const found = place.selectedId === undefined ? -1 : ids.indexOf(place.selectedId);
  const index = found >= 0 ? found : Math.min(Math.max(place.index, 0), ids.length - 1);
  return settled(place, ids, { index, height });
}

/** Moves the selection by rows, stopping at both ends. */
export function movePlace(
  place: ListPlace,
  ids: readonly string[],
  step: { readonly by: number; readonly height: number },
): ListPlace {
  if (ids.length === 0) return place;
  const index = Math.min(Math.max(place.index + step.by, 0), ids.length - 1);
  return settled(place, ids, { index, height: step.height });
}

/** Selects one id; the place is unchanged when the list does not hold it. */
export function selectPlace(
  place: ListPlace,
  ids: readonly string[],
  to: { readonly id: string; readonly height: number },
): ListPlace {
  const index = ids.indexOf(to.id);
  return index < 0 ? place : settled(place, ids, { index, height: to.height });
}

/** The first row of a window that shows `index` and moves as little as possible. */
export function windowTop(
  top: number,
  index: number,
  size: { readonly count: number; readonly height: number },
): number {
  const height = Math.max(1, size.height);
  const last = Math.max(0, size.count - height);
  const shown = Math.min(Math.max(top, index - height + 1), index);
  return Math.min(Math.max(0, shown), last);
}

function settled(
  place: ListPlace,
  ids: readonly string[],
  at: { readonly index: number; readonly height: number },
): ListPlace {
  const selectedId = ids[at.index];
  if (selectedId === undefined) return place;
  const top = windowTop(place.top, at.index, { count: ids.length, height: at.height });
  if (place.selectedId === selectedId && place.index === at.index && place.top === top) return place;
  return { selectedId, index: at.index, top };
}
