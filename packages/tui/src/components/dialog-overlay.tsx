import { Box } from 'ink';
import { dialogBox } from '../present/dialog-box.ts';
import type { Dialog } from '../state/dialog.ts';
import type { ScreenState } from '../state/screen-state.ts';
import type { Theme } from '../theme.ts';
import { Rows } from './rows.tsx';

/** The open dialog, drawn over the frozen list. */
export function DialogOverlay({
  state,
  dialog,
  theme,
}: {
  readonly state: ScreenState;
  readonly dialog: Dialog;
  readonly theme: Theme;
}) {
  const { lines, width, left, top } = dialogBox(state, dialog);
  return (
    <Box
      position="absolute"
      marginLeft={left}
      marginTop={top}
      width={width}
      height={lines.length}
      flexDirection="column"
    >
      <Rows lines={lines} width={width} theme={theme} />
    </Box>
  );
}
