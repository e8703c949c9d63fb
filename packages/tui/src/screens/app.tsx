import { Box, type CursorPosition, useApp, useCursor, useInput, usePaste, useWindowSize } from 'ink';
import { useLayoutEffect, useSyncExternalStore } from 'react';
import { keyNames } from '../commands/key-names.ts';
import { DialogOverlay } from '../components/dialog-overlay.tsx';
import { Row } from '../components/row.tsx';
import { Rows } from '../components/rows.tsx';
import type { Feed } from '../feed.ts';
import { dialogBox } from '../present/dialog-box.ts';
import { flashLine, hintsLine } from '../present/footer.ts';
import { bannerLine, headerLine, tabsLine } from '../present/header.ts';
import { cursorIn, type Line, line, plain } from '../present/line.ts';
import { viewPage } from '../present/screen-lines.ts';
import type { ScreenControl } from '../screen-control.ts';
import type { ScreenJob } from '../screen-job.ts';
import { type Layout, LEAST_SIZE } from '../state/layout.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf, openPage } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';
import { AlertsScreen } from './alerts-screen.tsx';
import { BackupsScreen } from './backups-screen.tsx';
import { ExecutionsScreen } from './executions-screen.tsx';
import { HealthScreen } from './health-screen.tsx';
import { PageScreen } from './page-screen.tsx';
import { SilencesScreen } from './silences-screen.tsx';
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
  const { setCursorPosition } = useCursor();
  const layout = layoutOf(state);
  const { columns, rows } = layout;
  if (layout.kind === 'small') {
    setCursorPosition(undefined);
    return <TooSmall columns={columns} rows={rows} theme={theme} />;
  }
  const page = openPage(state);
  const view = page === undefined ? undefined : viewPage(state, page, theme);
  const top = topLines(state, layout, view?.part);
  const bottom = [flashLine(state), ...(layout.hints === 1 ? [hintsLine(state)] : [])];
  const box = state.dialog === undefined ? undefined : dialogBox(state, state.dialog);
  setCursorPosition(
    cursorOf(box?.lines ?? [], { x: box?.left ?? 0, y: box?.top ?? 0 }) ??
      cursorOf(top, { x: 0, y: 0 }) ??
      cursorOf(bottom, { x: 0, y: rows - bottom.length }),
  );
  const shared = { width: columns, theme };
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Rows lines={top} {...shared} />
      {view === undefined ? <List state={state} theme={theme} /> : <PageScreen view={view} {...shared} />}
      <Rows lines={bottom} {...shared} />
      {box !== undefined && <DialogOverlay box={box} theme={theme} />}
    </Box>
  );
}

/** Header, screens and banner. */
function topLines(state: ScreenState, layout: Layout, part: string | undefined): readonly Line[] {
  const banner = layout.banner === 1 ? bannerLine(state) : undefined;
  return [
    headerLine(state),
    ...(layout.tabs === 1 ? [tabsLine(state, part)] : []),
    ...(banner === undefined ? [] : [banner]),
  ];
}

/** Where in these lines the cursor stands, when their upper left corner is at `origin`. */
function cursorOf(lines: readonly Line[], origin: CursorPosition): CursorPosition | undefined {
  const row = lines.findIndex((entry) => cursorIn(entry) !== undefined);
  const found = lines[row];
  const cell = found === undefined ? undefined : cursorIn(found);
  return cell === undefined ? undefined : { x: origin.x + cell, y: origin.y + row };
}

function List({ state, theme }: { readonly state: ScreenState; readonly theme: Theme }) {
  switch (state.tab) {
    case 'targets':
      return <TargetsScreen state={state} theme={theme} />;
    case 'alerts':
      return <AlertsScreen state={state} theme={theme} />;
    case 'executions':
      return <ExecutionsScreen state={state} theme={theme} />;
    case 'backups':
      return <BackupsScreen state={state} theme={theme} />;
    case 'health':
      return <HealthScreen state={state} theme={theme} />;
    case 'silences':
      return <SilencesScreen state={state} theme={theme} />;
    default:
      return state.tab satisfies never;
  }
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
