import { Box } from 'ink';
import type { DialogBox } from '../present/dialog-box.ts';
import { Rows, type RowsProps } from './rows.tsx';

/** The open dialog, drawn over the frozen list. */
export function DialogOverlay({ box, theme }: { readonly box: DialogBox } & Pick<RowsProps, 'theme'>) {
  const { lines, width, left, top } = box;
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
