import { ListRows } from '../components/rows.tsx';
import { executionListLines } from '../present/screen-lines.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';

/** Executions of all targets or of one, newest first. */
export function ExecutionsScreen({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  return <ListRows lines={executionListLines(state, layout)} width={layout.columns} theme={theme} />;
}
