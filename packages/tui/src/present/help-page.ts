import { TARGET_WORDS, type TargetWord } from '@qts-ops/core/client';
import type { Place } from '../commands/command.ts';
import { helpSections } from '../commands/help.ts';
import { type Theme, WORD_TONES } from '../theme.ts';
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

/** The help of one place, printed from the key table. */
export function helpPage(place: Place, width: number, theme: Theme): readonly Line[] {
  const sections = helpSections(place).flatMap(({ title, entries }) => [
    ruler(title, width),
    ...entries.flatMap(([keys, meaning]) => entryLines(keys, meaning, width)),
  ]);
  const words = TARGET_WORDS.flatMap((word) =>
    wrapWords(WORD_MEANINGS[word], Math.max(10, width - KEY_CELLS)).map((text, index) =>
      line(
        toned(WORD_TONES[word], (index === 0 ? `${theme.glyphs[word]} ${word}` : '').padEnd(KEY_CELLS)),
        plain(text),
      ),
    ),
  );
  return [...sections, ruler('State words', width), ...words];
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
