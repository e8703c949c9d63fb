import { Box, useApp, useInput, usePaste, useWindowSize } from 'ink';
import { useLayoutEffect, useSyncExternalStore } from 'react';
import { keyNames } from '../commands/key-names.ts';
import { DialogOverlay } from '../components/dialog-overlay.tsx';
import { Row } from '../components/row.tsx';
import type { Feed } from '../feed.ts';
import { flashLine, hintsLine } from '../present/footer.ts';
import { bannerLine, headerLine, tabsLine } from '../present/header.ts';
import { line, plain } from '../present/line.ts';
import { viewPage } from '../present/screen-lines.ts';
import type { ScreenControl } from '../screen-control.ts';
import type { ScreenJob } from '../screen-job.ts';
import { LEAST_SIZE } from '../state/layout.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf, openPage } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';
import { ExecutionsScreen } from './executions-screen.tsx';
import { PageScreen } from './page-screen.tsx';
import { TargetsScreen } from './targets-screen.tsx';

/** What the whole screen is made from. */
export interface AppProps {
  readonly feed: Feed;
  readonly control: ScreenControl;
  readonly theme: Theme;
  readonly job: ScreenJob;
}

/** The whole screen: exactly as many rows as the terminal has, never more. */
export function App({ feed, control, theme, job }: AppProps) {
  const { suspendTerminal } = useApp();
  useLayoutEffect(() => job.attach((work) => suspendTerminal(work)), [job, suspendTerminal]);
  const state = useSyncExternalStore(feed.subscribe, feed.get);
  const { columns, rows } = useWindowSize();
  useLayoutEffect(() => {
    feed.act({ kind: 'resize', size: { columns, rows } });
  }, [feed, columns, rows]);
  useInput((input, key) => control.press(keyNames(input, key)));
  usePaste((text) => control.paste(text));
  // Between a resize and its frame the state still has the old size; nothing may be drawn that does not fit.
  if (state.size.columns !== columns || state.size.rows !== rows)
    return <Box width={columns} height={rows} />;
  return <Frame state={state} theme={theme} />;
}

/** One frame of one state. */
export function Frame({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  const layout = layoutOf(state);
  const { columns, rows } = layout;
  if (layout.kind === 'small') return <TooSmall columns={columns} rows={rows} theme={theme} />;
  const banner = bannerLine(state);
  const page = openPage(state);
  const view = page === undefined ? undefined : viewPage(state, page, theme);
  const shared = { width: columns, theme };
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Row line={headerLine(state)} {...shared} />
      {layout.tabs === 1 && <Row line={tabsLine(state, view?.part)} {...shared} />}
      {layout.banner === 1 && banner !== undefined && <Row line={banner} {...shared} />}
      {view === undefined ? <List state={state} theme={theme} /> : <PageScreen view={view} {...shared} />}
      <Row line={flashLine(state)} {...shared} />
      {layout.hints === 1 && <Row line={hintsLine(state)} {...shared} />}
      {state.dialog !== undefined && <DialogOverlay state={state} dialog={state.dialog} theme={theme} />}
    </Box>
  );
}

function List({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  if (state.tab === 'executions') return <ExecutionsScreen state={state} theme={theme} />;
  return <TargetsScreen state={state} theme={theme} />;
}

function TooSmall({
  columns,
  rows,
  theme,
}: {
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
}) {
  const text = `terminal too small, need ${LEAST_SIZE.columns}x${LEAST_SIZE.rows}`;
  return (
    <Box width={columns} height={rows}>
      <Row line={line(plain(text))} width={columns} theme={theme} />
    </Box>
  );
}
