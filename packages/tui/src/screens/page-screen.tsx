import { Rows } from '../components/rows.tsx';
import type { PageView } from '../present/screen-lines.ts';
import type { Theme } from '../theme.ts';

/** A page of text opened over a list: detail, log or help. */
export function PageScreen({
  view,
  width,
  theme,
}: {
  readonly view: PageView;
  readonly width: number;
  readonly theme: Theme;
}) {
  return <Rows lines={view.lines} width={width} theme={theme} />;
}
