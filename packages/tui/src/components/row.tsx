import { Text } from 'ink';
import { memo } from 'react';
import { type Line, paintLine } from '../present/line.ts';
import type { Theme } from '../theme.ts';

/** One painted line. It is remembered by its text, so that an unchanged row costs nothing. */
const PaintedRow = memo(function PaintedRow({ painted }: { readonly painted: string }) {
  // Truncating is a last resort: a row that is wider than thought must never become two.
  return <Text wrap="truncate-end">{painted}</Text>;
});

/** One line of the screen in exactly `width` cells. */
export function Row({
  line,
  width,
  theme,
}: {
  readonly line: Line;
  readonly width: number;
  readonly theme: Theme;
}) {
  return <PaintedRow painted={paintLine(line, width, theme)} />;
}
