import { ListRows, Rows } from '../components/rows.tsx';
import { silencePane } from '../present/silence-page.ts';
import { fitLines } from '../present/target-pane.ts';
import { silenceListLines } from '../present/watch-lists.ts';
import { currentSilence } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';

/** What nobody is told of and until when, and the selected silence. */
export function SilencesScreen({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  const silence = currentSilence(state);
  const shared = { width: layout.columns, theme };
  const pane = silence === undefined ? [] : silencePane(state, silence, layout.detail);
  return (
    <>
      <ListRows lines={silenceListLines(state, layout)} {...shared} />
      <Rows lines={fitLines(pane, layout.detail)} {...shared} />
    </>
  );
}
