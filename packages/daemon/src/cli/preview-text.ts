import type { Preview, PreviewRow, TargetPreview } from '@qts-ops/core';
import { formatClock, formatDate, formatExactDuration } from '@qts-ops/core/client';
import { type Column, type TableLook, tableText } from './text-table.ts';

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

/** A preview for people: the clock changes, then one table a target in its own local time. */
export function previewText(preview: Preview, language: PreviewLanguage, look: TableLook): string {
  const changes = preview.clockChanges.map(({ atMs, timeZone, text }) => {
    return `${momentText(atMs, timeZone, language)}  ${text[language]}\n`;
  });
  const targets = preview.targets.map((target) => targetText(target, language, look));
  return [...(changes.length === 0 ? [] : [changes.join('')]), ...targets].join('\n');
}

function targetText(target: TargetPreview, language: PreviewLanguage, look: TableLook): string {
  const { targetId, when, timeZone, rows } = target;
  const heading = `${targetId}  ${when}  (${timeZone})\n`;
  if (rows.length === 0) return `${heading}  ${nothing[language]}\n`;
  return heading + tableText(columnsOf(timeZone, language), rows, look);
}

function columnsOf(timeZone: string, language: PreviewLanguage): ReadonlyArray<Column<PreviewRow>> {
  const word = words[language];
  const wordOf = (row: PreviewRow) => word[row.kind];
  return [
    { title: word.what, cell: wordOf, style: (row) => (row.kind === 'runs' ? 'green' : 'yellow') },
    { title: word.when, cell: (row) => spanText(row, timeZone, language) },
    { title: word.slots, align: 'right', cell: (row) => (row.kind === 'clock' ? '' : String(row.count)) },
    { title: word.why, cell: (row) => whyText(row, language) },
  ];
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
export function momentText(atMs: number, timeZone: string, language: PreviewLanguage): string {
  const date = formatDate(atMs, timeZone);
  const weekday = weekdays[language][new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
  return `${date} ${weekday} ${clockText(atMs, timeZone)}`;
}

function clockText(atMs: number, timeZone: string): string {
  return formatClock(atMs, timeZone).replace(/:00$/, '');
}
