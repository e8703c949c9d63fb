import { Rows } from '../components/rows.tsx';
import { pageWindow } from '../present/screen-lines.ts';
import type { Page, ScreenState } from '../state/screen-state.ts';
import type { Theme } from '../theme.ts';

/** A page of text opened over a list: detail, log or help. */
export function PageScreen({
  state,
  page,
  theme,
}: {
  readonly state: ScreenState;
  readonly page: Page;
  readonly theme: Theme;
}) {
  return <Rows lines={pageWindow(state, page, theme)} width={state.size.columns} theme={theme} />;
}
