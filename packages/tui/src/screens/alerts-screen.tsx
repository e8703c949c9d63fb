import { ListRows, Rows } from '../components/rows.tsx';
import { alertPane } from '../present/alert-page.ts';
import { channelLines } from '../present/channels-line.ts';
import { fitLines } from '../present/target-pane.ts';
import { alertListLines } from '../present/watch-lists.ts';
import { currentAlert } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';

/** Open and lately ended alerts, the selected one, and how the channels are doing. */
export function AlertsScreen({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  const alert = currentAlert(state);
  const shared = { width: layout.columns, theme };
  const pane = alert === undefined ? [] : alertPane({ state, alert, theme }, layout.detail);
  return (
    <>
      <ListRows lines={alertListLines(state, layout, theme)} {...shared} />
      <Rows lines={fitLines(pane, layout.detail)} {...shared} />
      <Rows lines={channelLines(state, layout.news)} {...shared} />
    </>
  );
}
