import type { TargetWord } from '@qts-ops/core/client';

/** What a piece of text means; the theme decides how it looks. */
export type Tone =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'inverse'
  | 'alarm'
  | 'good'
  | 'key'
  | 'fail'
  | 'susp'
  | 'warn'
  | 'run'
  | 'paused'
  | 'stale'
  | 'idle'
  | 'ok';

/** Names a person can ask for with --theme. */
export const THEME_NAMES = ['dark', 'light', 'mono'] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

/** How meanings look: parameters of the terminal's SGR sequence, empty for the terminal's own look. */
export interface Theme {
  readonly name: ThemeName;
  readonly sgr: Readonly<Record<Tone, string>>;
  /** Shapes beside the state words; ASCII unless asked for. */
  readonly glyphs: Readonly<Record<TargetWord, string>>;
}

// Meaning never rests on colour: every state has its word and its shape too.
const MONO: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  strong: '1',
  inverse: '7',
  alarm: '1;7',
  good: '1',
  key: '1',
  fail: '1',
  susp: '1',
  warn: '1',
  run: '',
  paused: '',
  stale: '1',
  idle: '2',
  ok: '',
};

// The 16 colours follow the palette of the terminal, so that a person's own colours are kept.
const DARK: Readonly<Record<Tone, string>> = {
  ...MONO,
  alarm: '1;7;91',
  good: '92',
  key: '1;96',
  fail: '1;91',
  susp: '1;95',
  warn: '93',
  run: '96',
  paused: '94',
  stale: '93',
  ok: '92',
};

// Darker colours of the 256: bright yellow and cyan cannot be read on white.
const LIGHT: Readonly<Record<Tone, string>> = {
  ...MONO,
  alarm: '1;7;38;5;160',
  good: '38;5;28',
  key: '1;38;5;25',
  fail: '1;38;5;160',
  susp: '1;38;5;90',
  warn: '38;5;130',
  run: '38;5;25',
  paused: '38;5;61',
  stale: '38;5;130',
  ok: '38;5;28',
};

const LOOKS: Readonly<Record<ThemeName, Readonly<Record<Tone, string>>>> = {
  dark: DARK,
  light: LIGHT,
  mono: MONO,
};

const ASCII_GLYPHS: Readonly<Record<TargetWord, string>> = {
  FAIL: 'X',
  SUSP: '#',
  WARN: '!',
  RUN: '@',
  PAUSED: '=',
  STALE: '?',
  IDLE: '-',
  OK: ' ',
};

const UNICODE_GLYPHS: Readonly<Record<TargetWord, string>> = {
  FAIL: '✖',
  SUSP: '■',
  WARN: '▲',
  RUN: '▶',
  PAUSED: '‖',
  STALE: '?',
  IDLE: '○',
  OK: '●',
};

/** Chooses a theme. `NO_COLOR` set to anything but nothing means no colour, whatever was asked for. */
export function chooseTheme(options: {
  readonly name: ThemeName;
  readonly unicode: boolean;
  readonly noColor: string | undefined;
}): Theme {
  const name = options.noColor === undefined || options.noColor === '' ? options.name : 'mono';
  return { name, sgr: LOOKS[name], glyphs: options.unicode ? UNICODE_GLYPHS : ASCII_GLYPHS };
}

/** The tone of a state word. */
export const WORD_TONES: Readonly<Record<TargetWord, Tone>> = {
  FAIL: 'fail',
  SUSP: 'susp',
  WARN: 'warn',
  RUN: 'run',
  PAUSED: 'paused',
  STALE: 'stale',
  IDLE: 'idle',
  OK: 'ok',
};
