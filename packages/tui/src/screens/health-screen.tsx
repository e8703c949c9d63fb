import { ListRows, Rows } from '../components/rows.tsx';
import { checkPane } from '../present/check-page.ts';
import { fitLines } from '../present/target-pane.ts';
import { checkListLines } from '../present/watch-lists.ts';
import { currentCheck } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';

/** All checks, worst first, and the selected one. */
export function HealthScreen({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  const check = currentCheck(state);
  const shared = { width: layout.columns, theme };
  const pane = check === undefined ? [] : checkPane(state, check, layout.detail);
  return (
    <>
      <ListRows lines={checkListLines(state, layout, theme)} {...shared} />
      <Rows lines={fitLines(pane, layout.detail)} {...shared} />
    </>
  );
}
