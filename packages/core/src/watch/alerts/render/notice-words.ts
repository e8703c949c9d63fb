import type { LocalText } from '../../../kernel/define-errors.ts';
import type { AlertNotice, NoticeReason } from '../../../ports/alert-channel.ts';

/** Every word that a notice is made of, in both languages; the renderers have no words of their own. */
export const NOTICE_WORDS = {
  possibleRepeat: { en: '(possible repeat)', ko: '(중복일 수 있음)' },
  noDetails: { en: 'No details were given.', ko: '자세한 내용이 없습니다.' },
  untitled: { en: 'Alert without a title', ko: '제목 없는 알림' },
  whatToDo: { en: 'What to do', ko: '조치 방법' },
  links: { en: 'Links', ko: '링크' },
  more: { en: 'and {count} more', ko: '외 {count}건' },
  times: { en: '{count} times', ko: '{count}회' },
  footer: {
    en: 'Sent by qts-ops. Notice {id}, alert {episodeId}.',
    ko: 'qts-ops가 보낸 알림입니다. 통지 {id}, 알림 {episodeId}.',
  },
} as const satisfies Readonly<Record<string, LocalText>>;

/** States of an alert as a sentence. */
export const STATE_WORDS: Readonly<Record<AlertNotice['state'], LocalText>> = {
  firing: { en: 'Firing', ko: '발생 중' },
  acknowledged: { en: 'Acknowledged', ko: '확인됨' },
  resolved: { en: 'Resolved', ko: '해소됨' },
};

/** Levels in words; the bracketed tag of a title stays the same in every language, for mail rules. */
export const LEVEL_WORDS: Readonly<Record<AlertNotice['level'], LocalText>> = {
  INFO: { en: 'Information', ko: '정보' },
  WARN: { en: 'Warning', ko: '경고' },
  ERROR: { en: 'Error', ko: '오류' },
  CRITICAL: { en: 'Critical', ko: '치명적' },
};

/** Why a notice is sent, for readers who got one about the same alert before. */
export const REASON_WORDS: Readonly<Record<NoticeReason, LocalText>> = {
  first: { en: 'First notice', ko: '첫 통지' },
  'new-in-group': { en: 'One more in this group', ko: '그룹에 새 알림 추가' },
  'severity-up': { en: 'It has become more severe', ko: '심각도가 높아짐' },
  reminder: { en: 'Reminder: nobody has acknowledged it', ko: '다시 알림: 아직 확인되지 않음' },
  escalation: { en: 'Escalation: nobody has acknowledged it', ko: '상위 보고: 아직 확인되지 않음' },
  resolved: { en: 'It is over', ko: '상황 종료' },
  flapping: { en: 'It changes state again and again', ko: '상태가 반복해서 바뀜' },
  digest: { en: 'Several alerts in one notice', ko: '여러 알림을 한 번에 전달' },
  'channel-failed': { en: 'A channel cannot deliver', ko: '알림 채널이 전달하지 못함' },
  test: { en: 'Test: nothing has happened', ko: '시험 발송: 실제 상황이 아님' },
};

/** Labels that fields of a notice may carry; a label that is not here is shown as it was given. */
export const LABEL_WORDS = {
  state: { en: 'State', ko: '상태' },
  reason: { en: 'Why now', ko: '통지 사유' },
  type: { en: 'Type', ko: '유형' },
  errorCode: { en: 'Error code', ko: '오류 코드' },
  started: { en: 'Started', ko: '시작' },
  noticed: { en: 'Seen', ko: '관측' },
  resolvedAt: { en: 'Resolved', ko: '해소' },
  lasted: { en: 'Lasted', ko: '지속 시간' },
  count: { en: 'Seen so far', ko: '관측 횟수' },
  instance: { en: 'Instance', ko: '인스턴스' },
  environment: { en: 'Environment', ko: '환경' },
  job: { en: 'Job', ko: '작업' },
  target: { en: 'Target', ko: '대상' },
  check: { en: 'Check', ko: '헬스 체크' },
  execution: { en: 'Execution', ko: '실행' },
  attempt: { en: 'Attempt', ko: '시도' },
  channel: { en: 'Channel', ko: '채널' },
  operator: { en: 'Operator', ko: '운영자' },
  operatorReason: { en: 'Reason', ko: '사유' },
  value: { en: 'Value', ko: '값' },
  limit: { en: 'Allowed', ko: '허용 범위' },
  since: { en: 'Since', ko: '이후' },
  next: { en: 'Next step', ko: '다음 단계' },
  backup: { en: 'Backup', ko: '백업' },
  message: { en: 'Message', ko: '메시지' },
  previous: { en: 'Before', ko: '이전' },
} as const satisfies Readonly<Record<string, LocalText>>;

/** A label that the catalogue knows in both languages. */
export type NoticeLabel = keyof typeof LABEL_WORDS;

/** A label in the notice's language; one that the catalogue does not know stays as it is. */
export function labelText(label: string, language: AlertNotice['language']): string {
  const known: Readonly<Record<string, LocalText>> = LABEL_WORDS;
  return Object.hasOwn(known, label) ? (known[label]?.[language] ?? label) : label;
}

/** A text of the catalogue with its `{names}` filled in. */
export function fillWords(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
