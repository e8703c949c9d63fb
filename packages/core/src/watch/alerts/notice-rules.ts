import { findError } from '../../kernel/define-errors.ts';
import type { AlertNotice, NoticeField } from '../../ports/alert-channel.ts';
import { type Alert, isOpen } from './alert.ts';
import type { OutboxRow } from './outbox.ts';

/** A bundle names so many of its alerts; the rest is counted. */
export const NOTICE_MEMBERS_MAX = 20;
const TITLE_MAX = 150;
const LABELS_SHOWN = ['job', 'target', 'check', 'channel', 'operator', 'backup'] as const;

/** What every notice of this engine says about where it comes from. */
export interface NoticeOrigin {
  readonly instance: string;
  readonly environment: string;
  readonly timeZone: string;
  readonly language: 'en' | 'ko';
}

/** Words a notice about several alerts, a resolution or a late one is made of. */
const WORDS = {
  en: {
    bundle: (all: number, open: number) => `${all} alerts: ${open} open, ${all - open} over`,
    more: (count: number) => `and ${count} more`,
    over: 'It is over.',
    late: 'Told late: the engine was not running when it was due.',
    refired: (times: number) => `It came back ${times} times.`,
    firing: 'firing',
    acknowledged: 'acknowledged',
    resolved: 'over',
  },
  ko: {
    bundle: (all: number, open: number) => `알림 ${all}건: 진행 중 ${open}건, 종료 ${all - open}건`,
    more: (count: number) => `외 ${count}건`,
    over: '상황이 종료되었습니다.',
    late: '늦은 통지: 예정 시각에 엔진이 실행 중이 아니었습니다.',
    refired: (times: number) => `${times}회 다시 발생했습니다.`,
    firing: '발생 중',
    acknowledged: '확인됨',
    resolved: '종료',
  },
} as const;

/** What of a row its words depend on. */
export type NoticedRow = Pick<
  OutboxRow,
  'id' | 'reason' | 'level' | 'maybeRepeat' | 'late' | 'firstAlertId' | 'groupKey'
>;

/** What a row says, worded when it is sent for the first time: its alerts as they are then. */
export function noticeOf(
  row: NoticedRow,
  alerts: readonly Alert[],
  origin: NoticeOrigin & { readonly nowMs: number },
): AlertNotice {
  const first = alerts[0];
  const base = {
    id: row.id,
    reason: row.reason,
    level: row.level,
    atMs: origin.nowMs,
    maybeRepeat: row.maybeRepeat,
    links: [],
    instance: origin.instance,
    environment: origin.environment,
    timeZone: origin.timeZone,
    language: origin.language,
  } as const;
  if (first === undefined) throw new RangeError(`notice ${row.id} speaks of no alert`);
  return alerts.length === 1
    ? { ...base, ...single(row, first, origin.language) }
    : { ...base, ...bundle(row, alerts, origin.language) };
}

type Worded = Omit<
  AlertNotice,
  | 'id'
  | 'reason'
  | 'level'
  | 'atMs'
  | 'maybeRepeat'
  | 'links'
  | 'instance'
  | 'environment'
  | 'timeZone'
  | 'language'
>;

function single(row: NoticedRow, alert: Alert, language: 'en' | 'ko'): Worded {
  const words = WORDS[language];
  const said = language === 'ko' ? (alert.messageKo ?? alert.message) : alert.message;
  // A notice about a beginning says so even if the end has come meanwhile: that is told by the next one.
  const over = row.reason === 'resolved' && !alert.event;
  const lines = [
    over ? (alert.resolvedMessage ?? `${words.over} ${said}`) : said,
    ...(alert.refired > 0 ? [words.refired(alert.refired)] : []),
    ...(row.late ? [words.late] : []),
  ];
  const remedy = alert.errorCode === undefined ? undefined : findError(alert.errorCode)?.definition.remedy;
  return {
    state: over ? 'resolved' : stateOf({ ...alert, event: alert.event || alert.state === 'resolved' }),
    episodeId: alert.id,
    dedupKey: alert.dedupKey,
    alertType: alert.alertType,
    title: cut(alert.title),
    summary: lines.join(' '),
    fields: fieldsOf(alert),
    ...(alert.errorCode === undefined ? {} : { errorCode: alert.errorCode }),
    ...(remedy === undefined || over ? {} : { remedy: remedy[language] }),
    startedAtMs: alert.startedAtMs,
    ...(over && alert.resolvedAtMs !== undefined ? { resolvedAtMs: alert.resolvedAtMs } : {}),
    count: alert.count,
  };
}

function bundle(row: NoticedRow, alerts: readonly Alert[], language: 'en' | 'ko'): Worded {
  const words = WORDS[language];
  const open = alerts.filter((alert) => isOpen(alert) || alert.event);
  const shown = alerts.slice(0, NOTICE_MEMBERS_MAX);
  const rest = alerts.length - shown.length;
  const fields = shown.map(
    (alert): NoticeField => ({
      label: `${alert.level} ${words[stateOf(alert)]}`,
      value: `${alert.title}: ${alert.message}`.slice(0, 300).toWellFormed(),
    }),
  );
  const ends = alerts.map(({ resolvedAtMs }) => resolvedAtMs ?? 0);
  const summary = [
    words.bundle(alerts.length, open.length),
    ...(rest > 0 ? [words.more(rest)] : []),
    ...(row.late ? [words.late] : []),
  ];
  return {
    state: open.length > 0 ? 'firing' : 'resolved',
    episodeId: row.firstAlertId,
    dedupKey: row.groupKey,
    alertType: alerts[0]?.alertType ?? 'SYSTEM_ERROR',
    title: cut(words.bundle(alerts.length, open.length)),
    summary: `${summary.join('. ')}.`,
    fields,
    startedAtMs: Math.min(...alerts.map(({ startedAtMs }) => startedAtMs)),
    ...(open.length > 0 ? {} : { resolvedAtMs: Math.max(...ends) }),
    count: alerts.reduce((sum, { count }) => sum + count, 0),
  };
}

function stateOf(alert: Alert): AlertNotice['state'] {
  if (alert.event || alert.state === 'pending') return 'firing';
  return alert.state;
}

function fieldsOf(alert: Alert): readonly NoticeField[] {
  const labels = LABELS_SHOWN.flatMap((label) => {
    const value = alert.labels[label];
    return value === undefined ? [] : [{ label, value }];
  });
  const { executionId, acknowledgement } = alert;
  return [
    ...labels,
    ...(executionId === undefined ? [] : [{ label: 'execution', value: executionId }]),
    ...(acknowledgement === undefined ? [] : [{ label: 'operator', value: acknowledgement.operatorId }]),
  ];
}

function cut(text: string): string {
  return text.length <= TITLE_MAX ? text : `${text.slice(0, TITLE_MAX - 1).toWellFormed()}…`;
}
