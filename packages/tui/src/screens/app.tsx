import { Box, useApp, useCursor, useInput, usePaste, useWindowSize } from 'ink';
import { useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { keyNames } from '../commands/key-names.ts';
import { DialogOverlay } from '../components/dialog-overlay.tsx';
import { Rows } from '../components/rows.tsx';
import type { Feed } from '../feed.ts';
import { type PaintedScreen, Painter } from '../present/painted-screen.ts';
import type { ScreenControl } from '../screen-control.ts';
import type { ScreenJob } from '../screen-job.ts';
import type { Theme } from '../theme.ts';

/** What the whole screen is made from. */
export interface AppProps {
  readonly feed: Feed;
  readonly control: ScreenControl;
  readonly theme: Theme;
  readonly job: ScreenJob;
}

/** The whole screen: exactly as many rows as the terminal has, never more. It is drawn only when what it shows has changed. */
export function App({ feed, control, theme, job }: AppProps) {
  const { suspendTerminal } = useApp();
  useLayoutEffect(() => job.attach((work) => suspendTerminal(work)), [job, suspendTerminal]);
  const [painter] = useState(() => new Painter(theme));
  const screen = useSyncExternalStore(feed.subscribe, () => painter.paint(feed.get()));
  const { columns, rows } = useWindowSize();
  useLayoutEffect(() => {
    feed.act({ kind: 'resize', size: { columns, rows } });
  }, [feed, columns, rows]);
  useInput((input, key) => control.press(keyNames(input, key)));
  usePaste((text) => control.paste(text));
  // Between a resize and its frame the state still has the old size; nothing may be drawn that does not fit.
  if (screen.size.columns !== columns || screen.size.rows !== rows)
    return <Box width={columns} height={rows} />;
  return <Screen screen={screen} />;
}

function Screen({ screen }: { readonly screen: PaintedScreen }) {
  const { setCursorPosition } = useCursor();
  const { size, rows, box, cursor } = screen;
  setCursorPosition(cursor);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Rows rows={rows} />
      {box !== undefined && <DialogOverlay box={box} />}
    </Box>
  );
}
