import type { Preview, PreviewRow, TargetPreview } from '@qts-ops/core';
import { formatClock, formatDate, formatExactDuration } from '@qts-ops/core/client';
import { foldLine } from './fold-text.ts';
import { type Column, displayWidth, plainLine, type TableLook, tableText } from './text-table.ts';

/** Languages a preview is written in. */
export type PreviewLanguage = 'en' | 'ko';

const words = {
  en: { when: 'WHEN', what: 'WHAT', slots: 'SLOTS', why: 'WHY', runs: 'run', skip: 'skip', clock: 'clock' },
  ko: { when: '시각', what: '결과', slots: '슬롯', why: '이유', runs: '실행', skip: '건너뜀', clock: '시계' },
} as const;
const nothing = { en: 'no slot in this span', ko: '이 기간에는 슬롯이 없습니다' } as const;
const every = { en: 'every', ko: '간격' } as const;
const weekdays = {
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  ko: ['일', '월', '화', '수', '목', '금', '토'],
} as const;

/** How a preview is written. */
export interface PreviewLook extends TableLook {
  readonly language: PreviewLanguage;
  /** The zone of the configuration: every moment is shown in it, too. */
  readonly timeZone: string;
}

/**
 * A preview for people: the clock changes and where a calendar's data end, then one table a target in its own local time, with the same moments in the
 * zone of the configuration and in UTC.
 */
export function previewText(preview: Preview, look: PreviewLook): string {
  const { language } = look;
  const changes = preview.clockChanges.map(({ atMs, timeZone, text }) => {
    return `${momentText(atMs, timeZone, language)}  ${text[language]}\n`;
  });
  const targets = preview.targets.map((target) => targetText(target, look));
  const unknown = preview.unknownDays.map(({ text }) => `${plainLine(text[language])}\n`);
  const notes = [...changes, ...unknown];
  return [...(notes.length === 0 ? [] : [notes.join('')]), ...targets].join('\n');
}

function targetText(target: TargetPreview, look: PreviewLook): string {
  const { targetId, when, timeZone, rows } = target;
  const heading = `${targetId}  ${when}  (${timeZone})\n`;
  if (rows.length === 0) return `${heading}  ${nothing[look.language]}\n`;
  const short = columnsOf(timeZone, look.language);
  const zones = [...new Set([look.timeZone, 'UTC'])].filter((zone) => zone !== timeZone);
  const why: Column<PreviewRow> = {
    title: words[look.language].why,
    cell: (row) => whyText(row, look.language),
  };
  const others = zones.map((zone): Column<PreviewRow> => {
    return { title: zone, cell: (row) => otherZoneText(row, { zone, timeZone }, look.language) };
  });
  const wide = [...short, ...others, why];
  if (isWithin(tableText(wide, rows, { colored: false }), look.columns))
    return heading + tableText(wide, rows, look);
  return heading + narrowText(rows, { short, others, why }, look);
}

function isWithin(text: string, columns = Number.POSITIVE_INFINITY): boolean {
  return text.split('\n').every((line) => displayWidth(line) <= columns);
}

interface NarrowColumns {
  readonly short: ReadonlyArray<Column<PreviewRow>>;
  readonly others: ReadonlyArray<Column<PreviewRow>>;
  readonly why: Column<PreviewRow>;
}

/** Where a table does not fit, what explains a row stands below it: a reason that is cut off explains nothing. */
function narrowText(
  rows: readonly PreviewRow[],
  { short, others, why }: NarrowColumns,
  look: PreviewLook,
): string {
  const [title = '', ...lines] = tableText(short, rows, look).trimEnd().split('\n');
  const below = rows.map((row) => {
    const zones = others.map((other) => `${other.cell(row)} ${other.title}`).join(', ');
    const texts = [zones === '' ? '' : `= ${zones}`, why.cell(row)].filter((text) => text !== '');
    return texts.flatMap((text) => foldLine(plainLine(text), { columns: (look.columns ?? 80) - 2 }));
  });
  const all = lines.flatMap((line, index) => [line, ...(below[index] ?? []).map((text) => `  ${text}`)]);
  return `${[title, ...all].join('\n')}\n`;
}

function columnsOf(timeZone: string, language: PreviewLanguage): ReadonlyArray<Column<PreviewRow>> {
  const word = words[language];
  const wordOf = (row: PreviewRow) => word[row.kind];
  return [
    { title: word.what, cell: wordOf, style: (row) => (row.kind === 'runs' ? 'green' : 'yellow') },
    { title: word.when, cell: (row) => spanText(row, timeZone, language) },
    { title: word.slots, align: 'right', cell: (row) => (row.kind === 'clock' ? '' : String(row.count)) },
  ];
}

/** The same moments on another clock: the day is named where it is another one. */
function otherZoneText(
  row: PreviewRow,
  { zone, timeZone }: { readonly zone: string; readonly timeZone: string },
  language: PreviewLanguage,
): string {
  const [fromMs, toMs] = row.kind === 'clock' ? [row.atMs, row.atMs] : [row.fromMs, row.toMs];
  const dayBefore = (atMs: number, date: string) =>
    formatDate(atMs, zone) === date ? '' : `${weekdayOf(formatDate(atMs, zone), language)} `;
  const from = `${dayBefore(fromMs, formatDate(fromMs, timeZone))}${clockText(fromMs, zone)}`;
  if (fromMs === toMs) return from;
  return `${from} – ${dayBefore(toMs, formatDate(fromMs, zone))}${clockText(toMs, zone)}`;
}

function whyText(row: PreviewRow, language: PreviewLanguage): string {
  if (row.kind !== 'runs') return row.text[language];
  return row.everyMs === undefined ? '' : `${every[language]} ${formatExactDuration(row.everyMs)}`;
}

function spanText(row: PreviewRow, timeZone: string, language: PreviewLanguage): string {
  if (row.kind === 'clock') return momentText(row.atMs, timeZone, language);
  const from = momentText(row.fromMs, timeZone, language);
  if (row.fromMs === row.toMs) return from;
  const sameDay = formatDate(row.fromMs, timeZone) === formatDate(row.toMs, timeZone);
  return `${from} – ${sameDay ? clockText(row.toMs, timeZone) : momentText(row.toMs, timeZone, language)}`;
}

/** `2026-09-24 Thu 09:00` in a zone. */
function momentText(atMs: number, timeZone: string, language: PreviewLanguage): string {
  const date = formatDate(atMs, timeZone);
  return `${date} ${weekdayOf(date, language)} ${clockText(atMs, timeZone)}`;
}

function weekdayOf(date: string, language: PreviewLanguage): string {
  return weekdays[language][new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
}

function clockText(atMs: number, timeZone: string): string {
  return formatClock(atMs, timeZone).replace(/:00$/, '');
}
