import type { AlertLevel, TargetWord } from '@qts-ops/core/client';
import type { AlertWord } from './state/alert-words.ts';
import type { BackupWord, SourceWord } from './state/backup-words.ts';
import type { CheckWord } from './state/check-words.ts';
import type { SilenceWord } from './state/silence-words.ts';

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
  readonly signs: Signs;
}

/** Shapes beside other words. */
export interface Signs {
  readonly levels: Readonly<Record<AlertLevel, string>>;
  readonly checks: Readonly<Record<CheckWord, string>>;
  readonly backups: Readonly<Record<BackupWord, string>>;
  readonly sources: Readonly<Record<SourceWord, string>>;
  /** What became of a notice; written behind the name of the channel. */
  readonly sent: string;
  readonly waiting: string;
  readonly failed: string;
  /** Filled and empty part of a bar. */
  readonly bar: readonly [filled: string, empty: string];
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

const ASCII_SIGNS: Signs = {
  levels: { CRITICAL: 'X', ERROR: 'x', WARN: '!', INFO: '-' },
  checks: { FAIL: 'X', UNKNOWN: '?', WARN: '!', PASS: ' ' },
  backups: { BROKEN: 'X', UNVERIFIED: '?', VERIFIED: ' ' },
  sources: { NONE: 'X', OVERDUE: '!', OK: ' ' },
  sent: 'sent',
  waiting: 'waits',
  failed: 'FAILED',
  bar: ['#', '.'],
};

const UNICODE_SIGNS: Signs = {
  levels: { CRITICAL: '✖', ERROR: '✕', WARN: '▲', INFO: '·' },
  checks: { FAIL: '✖', UNKNOWN: '?', WARN: '▲', PASS: '●' },
  backups: { BROKEN: '✖', UNVERIFIED: '?', VERIFIED: '✓' },
  sources: { NONE: '✖', OVERDUE: '▲', OK: '✓' },
  sent: '✓',
  waiting: '…',
  failed: '✗',
  bar: ['█', '░'],
};

/** Chooses a theme. `NO_COLOR` set to anything but nothing means no colour, whatever was asked for. */
export function chooseTheme(options: {
  readonly name: ThemeName;
  readonly unicode: boolean;
  readonly noColor: string | undefined;
}): Theme {
  const name = options.noColor === undefined || options.noColor === '' ? options.name : 'mono';
  return {
    name,
    sgr: LOOKS[name],
    glyphs: options.unicode ? UNICODE_GLYPHS : ASCII_GLYPHS,
    signs: options.unicode ? UNICODE_SIGNS : ASCII_SIGNS,
  };
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

/** The tone of the level of an alert. */
export const LEVEL_TONES: Readonly<Record<AlertLevel, Tone>> = {
  CRITICAL: 'fail',
  ERROR: 'fail',
  WARN: 'warn',
  INFO: 'plain',
};

/** The tone of the state of an alert. */
export const ALERT_TONES: Readonly<Record<AlertWord, Tone>> = {
  FIRING: 'fail',
  HELD: 'warn',
  ACKED: 'run',
  QUIET: 'paused',
  ENDED: 'idle',
  EVENT: 'idle',
  STALE: 'stale',
};

/** The tone of the status of a check. */
export const CHECK_TONES: Readonly<Record<CheckWord, Tone>> = {
  FAIL: 'fail',
  UNKNOWN: 'stale',
  WARN: 'warn',
  PASS: 'ok',
};

/** The tone of the state of a backup and of a source. */
export const BACKUP_TONES: Readonly<Record<BackupWord | SourceWord, Tone>> = {
  BROKEN: 'fail',
  UNVERIFIED: 'warn',
  VERIFIED: 'ok',
  NONE: 'fail',
  OVERDUE: 'warn',
  OK: 'ok',
};

/** The tone of the state of a silence. */
export const SILENCE_TONES: Readonly<Record<SilenceWord, Tone>> = {
  ACTIVE: 'paused',
  COMING: 'plain',
  ENDED: 'idle',
};
