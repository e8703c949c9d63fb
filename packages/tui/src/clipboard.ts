/** Longest text that common terminals take through OSC 52, in bytes of base64. */
const MOST_BYTES = 74_994;

/**
 * The sequence that puts a text on the clipboard of the terminal, also over SSH. Inside tmux it is wrapped so that
 * tmux passes it on. Absent when the text is too long for it.
 */
export function copySequence(text: string, insideTmux: boolean): string | undefined {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  if (encoded.length > MOST_BYTES) return undefined;
  const sequence = `\u001b]52;c;${encoded}\u0007`;
  return insideTmux ? `\u001bPtmux;\u001b${sequence}\u001b\\` : sequence;
}
