import { TARGET_WORDS, type TargetWord } from '@qts-ops/core/client';
import type { Place } from '../commands/command.ts';
import { helpSections } from '../commands/help.ts';
import { ALERT_WORDS, type AlertWord } from '../state/alert-words.ts';
import { BACKUP_WORDS, type BackupWord, type SourceWord } from '../state/backup-words.ts';
import { CHECK_WORDS, type CheckWord } from '../state/check-words.ts';
import { SILENCE_WORDS, type SilenceWord } from '../state/silence-words.ts';
import {
  ALERT_TONES,
  BACKUP_TONES,
  CHECK_TONES,
  SILENCE_TONES,
  type Theme,
  type Tone,
  WORD_TONES,
} from '../theme.ts';
import { wrapWords } from './cells.ts';
import { type Line, line, plain, ruler, toned } from './line.ts';

const KEY_CELLS = 20;

const WORD_MEANINGS: Readonly<Record<TargetWord, string>> = {
  FAIL: 'the last run failed',
  SUSP: 'suspended after too many errors; only probed until it recovers',
  WARN: 'works, but a slot was lost or the last run was stopped',
  RUN: 'running now',
  PAUSED: 'an operator has paused it',
  STALE: 'should have started and did not, or nothing is known',
  IDLE: 'has not run yet',
  OK: 'the last run succeeded',
};

const ALERT_MEANINGS: Readonly<Record<AlertWord, string>> = {
  FIRING: 'open, and nobody has taken it',
  HELD: 'open, held back for a moment to see whether another one explains it',
  ACKED: 'somebody has taken it; reminders and escalation rest',
  QUIET: 'nobody is told: a silence, a maintenance window or a parent alert',
  ENDED: 'over; whoever was told of it is told of its end',
  EVENT: 'told what happened, such as a manual start; nothing to do',
  STALE: 'was open; there is no connection',
};

const CHECK_MEANINGS: Readonly<Record<CheckWord, string>> = {
  FAIL: 'what is looked at is not well',
  UNKNOWN: 'could not look, or the last look is too old to count',
  WARN: 'well, and near a limit',
  PASS: 'well at the last look',
};

const BACKUP_MEANINGS: Readonly<Record<BackupWord | SourceWord, string>> = {
  BROKEN: 'read back and not as written; nothing rests on it',
  UNVERIFIED: 'made and not yet read back; nothing is deleted on its strength',
  VERIFIED: 'read back, every file as in the manifest',
  NONE: 'a source without any verified backup',
  OVERDUE: 'the last verified backup of a source is older than its limit',
  OK: 'the last verified backup of a source is young enough',
};

const SILENCE_MEANINGS: Readonly<Record<SilenceWord, string>> = {
  ACTIVE: 'nobody is told of what it fits; it ends by itself, or with x',
  COMING: 'begins later',
  ENDED: 'over within the last day',
};

/** The help of one place, printed from the key table. */
export function helpPage(place: Place, width: number, theme: Theme): readonly Line[] {
  const sections = helpSections(place).flatMap(({ title, entries }) => [
    ruler(title, width),
    ...entries.flatMap(([keys, meaning]) => entryLines(keys, meaning, width)),
  ]);
  return [...sections, ...wordSections(place, theme).flatMap((section) => wordLines(section, width))];
}

interface WordSection {
  readonly title: string;
  readonly words: ReadonlyArray<readonly [word: string, tone: Tone, meaning: string]>;
}

/** The words of the place first: help of the Alerts screen begins with what its rows say. */
function wordSections(place: Place, { glyphs, signs }: Theme): readonly WordSection[] {
  const targets: WordSection = {
    title: 'State words of targets',
    words: TARGET_WORDS.map((word) => [`${glyphs[word]} ${word}`, WORD_TONES[word], WORD_MEANINGS[word]]),
  };
  const alerts: WordSection = {
    title: 'State words of alerts',
    words: ALERT_WORDS.map((word) => [word, ALERT_TONES[word], ALERT_MEANINGS[word]]),
  };
  const checks: WordSection = {
    title: 'Status words of checks',
    words: CHECK_WORDS.map((word) => [
      `${signs.checks[word]} ${word}`,
      CHECK_TONES[word],
      CHECK_MEANINGS[word],
    ]),
  };
  const backups: WordSection = {
    title: 'State words of backups and their sources',
    words: BACKUP_WORDS.map((word) => [word, BACKUP_TONES[word], BACKUP_MEANINGS[word]]),
  };
  const silences: WordSection = {
    title: 'State words of silences',
    words: SILENCE_WORDS.map((word) => [word, SILENCE_TONES[word], SILENCE_MEANINGS[word]]),
  };
  if (place === 'silences' || place === 'silence') return [silences];
  if (place === 'alerts' || place === 'alert') return [alerts];
  if (place === 'health' || place === 'check') return [checks];
  if (place === 'backups' || place === 'backup') return [backups];
  return place === 'help' ? [targets, alerts, checks, backups, silences] : [targets];
}

function wordLines({ title, words }: WordSection, width: number): readonly Line[] {
  return [
    ruler(title, width),
    ...words.flatMap(([word, tone, meaning]) =>
      wrapWords(meaning, Math.max(10, width - KEY_CELLS)).map((text, index) =>
        line(toned(tone, (index === 0 ? word : '').padEnd(KEY_CELLS)), plain(text)),
      ),
    ),
  ];
}

function entryLines(keys: string, meaning: string, width: number): readonly Line[] {
  return wrapWords(meaning, Math.max(10, width - KEY_CELLS)).map((text, index) =>
    line(
      toned(
        'key',
        index === 0 ? keys.padEnd(KEY_CELLS - 1).slice(0, KEY_CELLS - 1) : ' '.repeat(KEY_CELLS - 1),
      ),
      plain(` ${text}`),
    ),
  );
}
