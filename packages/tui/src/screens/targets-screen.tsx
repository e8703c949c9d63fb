import { ListRows, Rows } from '../components/rows.tsx';
import { alertFeed } from '../present/alert-feed.ts';
import { targetListLines } from '../present/screen-lines.ts';
import { actsPane, fitLines, runsPane, targetPane } from '../present/target-pane.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { currentTarget, layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';

/** The list of targets, and where there is room the selected one, its newest executions, open alerts and the last acts. */
export function TargetsScreen({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  const target = currentTarget(state);
  const shared = { width: layout.columns, theme };
  const context = target === undefined ? undefined : { state, target, theme };
  return (
    <>
      <ListRows lines={targetListLines(state, layout, theme)} {...shared} />
      <Rows
        lines={context === undefined ? fitLines([], layout.detail) : targetPane(context, layout.detail)}
        {...shared}
      />
      <Rows
        lines={context === undefined ? fitLines([], layout.runs) : runsPane(context, layout.runs)}
        {...shared}
      />
      <Rows lines={layout.news === 0 ? [] : alertFeed(state, layout.news, theme)} {...shared} />
      <Rows lines={layout.acts === 0 ? [] : actsPane(state, layout.acts)} {...shared} />
    </>
  );
}
