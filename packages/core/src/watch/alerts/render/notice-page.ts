import { formatDuration } from '../../../kernel/duration.ts';
import { cleanLine, cleanText, cutText } from '../../../kernel/plain-text.ts';
import { formatClock, formatDate } from '../../../kernel/time/civil.ts';
import { isValidZone } from '../../../kernel/time/zone.ts';
import type { AlertNotice } from '../../../ports/alert-channel.ts';
import {
  fillWords,
  LEVEL_WORDS,
  labelText,
  NOTICE_WORDS,
  type NoticeLabel,
  REASON_WORDS,
  STATE_WORDS,
} from './notice-words.ts';

/** Bounds of one page: a runaway message must neither fill a mailbox nor be refused for its size. */
const SUMMARY_MAX_CHARACTERS = 20_000;
const FIELDS_MAX = 30;
const VALUE_MAX_CHARACTERS = 1_000;
const LABEL_MAX_CHARACTERS = 80;
const STEPS_MAX = 12;
const LINKS_MAX = 10;
const URL_MAX_CHARACTERS = 2_000;

/** A notice in the words of its language, cleaned and bounded, before a format is chosen. */
export interface NoticePage {
  readonly level: AlertNotice['level'];
  readonly state: AlertNotice['state'];
  readonly language: AlertNotice['language'];
  /** `[CRITICAL][FIRING]`, before the title. */
  readonly tags: string;
  readonly title: string;
  /** «(possible repeat)»; empty when it is none. */
  readonly repeat: string;
  /** Level and state in words, and why the notice is sent. */
  readonly heading: string;
  readonly summary: string;
  readonly rows: readonly PageRow[];
  readonly stepsTitle: string;
  readonly steps: readonly string[];
  readonly linksTitle: string;
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly footer: string;
}

/** One labelled line. */
export interface PageRow {
  readonly label: string;
  readonly value: string;
}

/** Puts a notice into words. Never throws: an alert with an odd time zone or link still has to arrive. */
export function noticePage(notice: AlertNotice): NoticePage {
  const { language, level, state } = notice;
  const testTag = notice.reason === 'test' ? '[TEST]' : '';
  return {
    level,
    state,
    language,
    tags: `${testTag}[${level}][${state.toUpperCase()}]`,
    title: cleanLine(notice.title) || NOTICE_WORDS.untitled[language],
    repeat: notice.maybeRepeat ? NOTICE_WORDS.possibleRepeat[language] : '',
    heading: `${LEVEL_WORDS[level][language]} · ${STATE_WORDS[state][language]} · ${REASON_WORDS[notice.reason][language]}`,
    summary: cutText(cleanText(notice.summary), SUMMARY_MAX_CHARACTERS) || NOTICE_WORDS.noDetails[language],
    rows: pageRows(notice),
    stepsTitle: NOTICE_WORDS.whatToDo[language],
    steps: (notice.remedy ?? []).slice(0, STEPS_MAX).map(shortLine),
    linksTitle: NOTICE_WORDS.links[language],
    links: notice.links
      .filter(({ url }) => isWebAddress(url))
      .slice(0, LINKS_MAX)
      .map(({ label, url }) => ({
        label: cutText(cleanLine(label), LABEL_MAX_CHARACTERS) || url,
        url: new URL(url).href,
      })),
    footer: fillWords(NOTICE_WORDS.footer[language], {
      id: cleanLine(notice.id),
      episodeId: cleanLine(notice.episodeId),
    }),
  };
}

/** The title as a subject line within the limit; «(possible repeat)» is the last thing to be cut. */
export function pageTitle(page: NoticePage, maxCharacters: number): string {
  const end = page.repeat === '' ? '' : ` ${page.repeat}`;
  const start = cutText(`${page.tags} ${page.title}`, maxCharacters - Array.from(end).length);
  return cutText(start + end, maxCharacters);
}

/** An instant in the zone of the desk and in UTC; in UTC alone when the zone is UTC or nobody knows it. */
export function noticeTime(instantMs: number, timeZone: string): string {
  const utc = `${formatDate(instantMs, 'UTC')} ${formatClock(instantMs, 'UTC')} UTC`;
  if (timeZone === 'UTC' || !isValidZone(timeZone)) return utc;
  return `${formatDate(instantMs, timeZone)} ${formatClock(instantMs, timeZone)} ${timeZone} (${utc})`;
}

function pageRows(notice: AlertNotice): readonly PageRow[] {
  const { language, timeZone } = notice;
  const row = (label: NoticeLabel, value: string): PageRow => ({ label: labelText(label, language), value });
  const own = notice.fields.slice(0, FIELDS_MAX).map(({ label, value }) => ({
    label: cutText(cleanLine(labelText(label, language)), LABEL_MAX_CHARACTERS),
    value: cutText(cleanText(value), VALUE_MAX_CHARACTERS),
  }));
  const left = notice.fields.length - own.length;
  return [
    ...own,
    ...(left > 0 ? [{ label: '…', value: fillWords(NOTICE_WORDS.more[language], { count: left }) }] : []),
    ...(notice.errorCode === undefined ? [] : [row('errorCode', cleanLine(notice.errorCode))]),
    row('started', noticeTime(notice.startedAtMs, timeZone)),
    ...(notice.atMs === notice.startedAtMs || notice.resolvedAtMs !== undefined
      ? []
      : [row('noticed', noticeTime(notice.atMs, timeZone))]),
    ...(notice.resolvedAtMs === undefined ? [] : resolvedRows(notice, notice.resolvedAtMs)),
    ...(notice.count > 1
      ? [row('count', fillWords(NOTICE_WORDS.times[language], { count: notice.count }))]
      : []),
    row('type', cleanLine(notice.alertType)),
    row('instance', cleanLine(notice.instance)),
    ...(notice.environment === '' ? [] : [row('environment', cleanLine(notice.environment))]),
  ];
}

function resolvedRows(notice: AlertNotice, resolvedAtMs: number): readonly PageRow[] {
  const { language, timeZone, startedAtMs } = notice;
  return [
    { label: labelText('resolvedAt', language), value: noticeTime(resolvedAtMs, timeZone) },
    { label: labelText('lasted', language), value: formatDuration(Math.max(0, resolvedAtMs - startedAtMs)) },
  ];
}

function shortLine(text: string): string {
  return cutText(cleanLine(text), VALUE_MAX_CHARACTERS);
}

/** Other schemes (`javascript:`, `file:`) are no links in a message. */
function isWebAddress(url: string): boolean {
  const parsed = url.length > URL_MAX_CHARACTERS ? null : URL.parse(url);
  return parsed !== null && (parsed.protocol === 'https:' || parsed.protocol === 'http:');
}
