import { Text } from 'ink';
import { memo } from 'react';

/** One painted line of the screen. It is remembered by its text, so that an unchanged row costs nothing. */
export const Row = memo(function Row({ text }: { readonly text: string }) {
  // Truncating is a last resort: a row that is wider than thought must never become two.
  return <Text wrap="truncate-end">{text}</Text>;
});
