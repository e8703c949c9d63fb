import { cleanLine, cutText } from '@qts-ops/core/plugin';

/** A text from the other side as one short line of a message. */
export function shortLine(text: string, charactersMax: number): string {
  // Cut before cleaning, so that a huge text costs no more than a small one.
  return cutText(cleanLine(text.slice(0, charactersMax * 8)), charactersMax);
}
