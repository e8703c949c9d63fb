import { lettersOf } from '../state/text-field.ts';

/** What the terminal library reports about one chunk of input. */
export interface RawKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
  readonly eventType?: 'press' | 'repeat' | 'release' | undefined;
}

const FLAGS: ReadonlyArray<readonly [keyof RawKey, string]> = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pgdn'],
  ['pageUp', 'pgup'],
  ['home', 'home'],
  ['end', 'end'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

/**
 * The keys in one chunk of input, in order. A fast hand or a slow line delivers several keys at once (`jjj`), so the
 * chunk is taken apart letter by letter. Escape glued to a letter counts as Escape alone: over a slow line nobody can
 * tell it from Alt and the letter, and in a dialog Escape is the safe reading.
 */
export function keyNames(input: string, key: RawKey): readonly string[] {
  if (key.eventType === 'release') return [];
  if (key.escape || key.meta) return ['esc'];
  const named = FLAGS.find(([flag]) => key[flag] === true);
  if (named !== undefined) return [named[1]];
  if (key.tab && input.length <= 1) return [key.shift ? 'shift-tab' : 'tab'];
  if (key.ctrl) return /^[a-z]$/.test(input) ? [`ctrl-${input}`] : [];
  return lettersOf(input).flatMap(nameOf);
}

function nameOf(letter: string): readonly string[] {
  // A carriage return and line feed that arrive together are one letter to the segmenter.
  if (letter === '\r' || letter === '\n' || letter === '\r\n') return ['enter'];
  if (letter === '\t') return ['tab'];
  if (letter === ' ') return ['space'];
  if (letter === '\u007f' || letter === '\b') return ['backspace'];
  if (letter === '\u001b') return ['esc'];
  const code = letter.charCodeAt(0);
  if (code > 0 && code < 27) return [`ctrl-${String.fromCharCode(code + 96)}`];
  return /^\p{C}/u.test(letter) ? [] : [letter];
}
