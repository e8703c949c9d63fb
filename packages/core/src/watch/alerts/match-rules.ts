import type { AlertMatcher } from './alert.ts';

/** True when every matcher fits; no matcher fits nothing unless `none` says otherwise. */
export function matchesAll(
  matchers: readonly AlertMatcher[],
  labels: Readonly<Record<string, string>>,
  none = false,
): boolean {
  if (matchers.length === 0) return none;
  return matchers.every((matcher) => matches(matcher, labels));
}

/** True when the label has the value (`*` stands for any text), or has not where the matcher says `not`. */
export function matches(matcher: AlertMatcher, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, matcher.label) ? labels[matcher.label] : undefined;
  return fits(matcher.value, value ?? '') !== (matcher.not === true);
}

/** Compares piece by piece between the stars, so that no pattern can take more than linear time in the text. */
function fits(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const [first = '', ...rest] = pieces;
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  let from = first.length;
  const end = text.length - last.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, from);
    if (found < 0 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}
