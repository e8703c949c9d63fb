import type { BackupView } from '@qts-ops/core/client';
import { backupWord } from '../state/backup-words.ts';
import { isFresh } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { zoneOf } from '../state/selectors.ts';
import { BACKUP_TONES } from '../theme.ts';
import { cleanText, wrapWords } from './cells.ts';
import { type Line, line, plain, ruler, toned } from './line.ts';
import { countText, sizeText } from './size-text.ts';
import { fitLines } from './target-pane.ts';
import { ageText, timeText } from './time-text.ts';

/** The pane under the list: exactly `rows` lines with its heading. */
export function backupPane(state: ScreenState, backup: BackupView, rows: number): readonly Line[] {
  return fitLines(backupPage(state, backup), rows);
}

/** Everything about one backup. */
export function backupPage(state: ScreenState, backup: BackupView): readonly Line[] {
  const { columns: width } = state.size;
  const lines = [
    ruler(`${backup.source}  ${backup.id}`, width, backup.copy ? 'copy' : 'first place'),
    stateLine(state, backup),
    ...problemLines(state, backup),
    sizeLine(backup),
    ...placeLines(state, backup),
    ...chainLines(backup),
    line(toned('dim', 'shell  qts-ops restore --help')),
  ];
  return isFresh(state.link) ? lines : lines.map((entry) => ({ ...entry, old: true }));
}

function stateLine(state: ScreenState, backup: BackupView): Line {
  const { nowMs } = state.frame;
  const zone = zoneOf(state);
  const word = backupWord(backup);
  const verified =
    backup.verifiedAtMs === undefined
      ? 'never read back'
      : `read back ${timeText(backup.verifiedAtMs, nowMs, zone)} (${ageText(backup.verifiedAtMs, nowMs)} ago)`;
  const made = `made ${timeText(backup.madeAtMs, nowMs, zone)} (${ageText(backup.madeAtMs, nowMs)} ago)`;
  const held = backup.held ? [plain(', '), toned('strong', 'HELD: never pruned')] : [];
  return line(toned(BACKUP_TONES[word], word), plain(`  ${made}, ${verified}`), ...held);
}

function problemLines({ size }: ScreenState, { problem, state }: BackupView): readonly Line[] {
  const tone = state === 'broken' ? 'fail' : 'warn';
  if (problem !== undefined)
    return wrapWords(cleanText(problem), size.columns).map((text) => line(toned(tone, text)));
  if (state !== 'unverified') return [];
  return [line(toned('warn', 'nothing is deleted on the strength of it until it has been read back'))];
}

function sizeLine(backup: BackupView): Line {
  const { bytes, sourceBytes } = backup;
  const share =
    sourceBytes > 0 ? `, ${Math.floor((bytes / sourceBytes) * 100)} % of ${sizeText(sourceBytes)}` : '';
  return line(
    plain(`${countText(backup.files)} files, ${sizeText(bytes)} on disk${share}`),
    toned('dim', `  ${backup.strategy}, ${backup.codec}`),
  );
}

function placeLines({ size }: ScreenState, backup: BackupView): readonly Line[] {
  return wrapWords(cleanText(backup.backupRoot), size.columns - 7).map((text, index) =>
    line(toned('dim', index === 0 ? 'in     ' : '       '), plain(text)),
  );
}

function chainLines({ parent }: BackupView): readonly Line[] {
  return parent === undefined
    ? []
    : [line(toned('dim', 'needs  '), plain(`${parent} to be restored with it`))];
}
