import type { BackupView } from '@qts-ops/core/client';
import { backupWord } from '../state/backup-words.ts';
import { isFresh } from '../state/link.ts';
import type { Reading } from '../state/target-words.ts';
import { BACKUP_TONES, type Theme } from '../theme.ts';
import { nameCells } from './alert-row.ts';
import { cleanText, fitEnd, fitMiddle, fitStart } from './cells.ts';
import { type Line, plain, type Span, toned } from './line.ts';
import { countText, sizeText } from './size-text.ts';
import { ageText, TIME_CELLS, timeCell } from './time-text.ts';

/** Widths of the columns; 0 leaves a column out. */
export interface BackupColumns {
  readonly source: number;
  readonly made: number;
  readonly verified: number;
  readonly files: number;
  readonly size: number;
  readonly how: number;
  readonly place: number;
  readonly note: number;
}

/** What all rows of a frame share. */
export interface BackupRowContext {
  readonly columns: BackupColumns;
  readonly reading: Reading;
  readonly zone: string;
  readonly theme: Theme;
}

const STATE_CELLS = 12;
const SIZE_CELLS = 7;
const VERIFIED_CELLS = 8;
const FILES_CELLS = 9;
const HOW_CELLS = 14;
const PLACE_CELLS = 5;

/** Shares out the width. */
export function backupColumns(width: number, backups: readonly BackupView[]): BackupColumns {
  const longest = Math.max(
    6,
    nameCells(
      backups.map(({ source }) => source),
      20,
    ),
  );
  const room = width - 2 - STATE_CELLS - 1;
  const none = { files: 0, how: 0, place: 0, note: 0 };
  if (width < 60) {
    const source = room - TIME_CELLS - 1 - 5;
    return { ...none, source, made: TIME_CELLS, verified: 4, size: 0 };
  }
  const source = Math.min(longest, 16);
  const near = source + 1 + TIME_CELLS + 1 + VERIFIED_CELLS + 1 + FILES_CELLS + 1 + SIZE_CELLS + 1;
  const columns = {
    source,
    made: TIME_CELLS,
    verified: VERIFIED_CELLS,
    files: FILES_CELLS,
    size: SIZE_CELLS,
  };
  const rest = room - near - PLACE_CELLS - 1;
  if (width < 110) return { ...columns, how: 0, place: PLACE_CELLS, note: Math.max(0, rest) };
  return { ...columns, how: HOW_CELLS, place: PLACE_CELLS, note: Math.max(0, rest - HOW_CELLS - 1) };
}

/** The heading over the rows. */
export function backupHeading(columns: BackupColumns): Line {
  const cells = [
    fitEnd('STATE', STATE_CELLS),
    fitEnd('SOURCE', columns.source),
    fitEnd('MADE', columns.made),
    fitStart(columns.verified > 4 ? 'VERIFIED' : 'AGE', columns.verified),
    fitStart('FILES', columns.files),
    fitStart('SIZE', columns.size),
    fitEnd('HOW', columns.how),
    fitEnd('PLACE', columns.place),
    fitEnd('ID / NOTE', columns.note),
  ].filter((cell) => cell !== '');
  return { spans: [plain('  '), toned('dim', cells.join(' '))] };
}

/** One backup as a row. */
export function backupRow(backup: BackupView, selected: boolean, context: BackupRowContext): Line {
  const { columns, reading, zone, theme } = context;
  const { nowMs } = reading;
  const word = backupWord(backup);
  const spans: Span[] = [
    plain(selected ? '> ' : '  '),
    toned(BACKUP_TONES[word], fitEnd(`${theme.signs.backups[word]} ${word}`, STATE_CELLS)),
    plain(' '),
  ];
  const strong = selected ? 'strong' : 'plain';
  push(spans, columns.source, toned(strong, fitMiddle(cleanText(backup.source), columns.source)));
  push(spans, columns.made, plain(fitEnd(timeCell(backup.madeAtMs, nowMs, zone), columns.made)));
  push(
    spans,
    columns.verified,
    plain(fitStart(verifiedText(backup, nowMs, columns.verified), columns.verified)),
  );
  push(spans, columns.files, plain(fitStart(countText(backup.files), columns.files)));
  push(spans, columns.size, plain(fitStart(sizeText(backup.bytes), columns.size)));
  push(
    spans,
    columns.how,
    toned('dim', fitEnd(cleanText(`${backup.strategy} ${backup.codec}`), columns.how)),
  );
  push(spans, columns.place, plain(fitEnd(backup.copy ? 'copy' : 'first', columns.place)));
  const note = cleanText(noteText(backup));
  push(spans, columns.note, toned(word === 'VERIFIED' ? 'dim' : 'plain', fitEnd(note, columns.note)));
  return { spans, ...(selected ? { selected } : {}), ...(isFresh(reading.link) ? {} : { old: true }) };
}

/** Short form of what is special about a backup: what is wrong, what it needs, whether it is held. */
function noteText(backup: BackupView): string {
  const parts = [
    backup.problem,
    backup.held ? 'HELD' : undefined,
    backup.id,
    backup.parent === undefined ? undefined : `needs ${backup.parent}`,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

function verifiedText({ verifiedAtMs }: BackupView, nowMs: number, cells: number): string {
  if (verifiedAtMs === undefined) return cells > 5 ? 'never' : '-';
  const age = ageText(verifiedAtMs, nowMs);
  return cells > 5 ? `${age} ago` : age;
}

function push(spans: Span[], cells: number, span: Span): void {
  if (cells > 0) spans.push(span, plain(' '));
}
