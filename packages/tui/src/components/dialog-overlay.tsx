import { Box } from 'ink';
import type { PaintedBox } from '../present/painted-screen.ts';
import { Rows } from './rows.tsx';

/** The open dialog, drawn over the frozen list. */
export function DialogOverlay({ box }: { readonly box: PaintedBox }) {
  const { rows, width, left, top } = box;
  return (
    <Box
      position="absolute"
      marginLeft={left}
      marginTop={top}
      width={width}
      height={rows.length}
      flexDirection="column"
    >
      <Rows rows={rows} />
    </Box>
  );
}
