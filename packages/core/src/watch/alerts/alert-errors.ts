import { defineErrors } from '../../kernel/define-errors.ts';

const notDone = { en: 'This could not be done.', ko: '처리하지 못했습니다.' } as const;

/** How alerts and their notices can fail. */
export const alertErrors = defineErrors({
  'INP-0920': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: { en: 'There is no such alert.', ko: '해당 알림이 없습니다.' },
    operator: { en: 'The id names no recorded alert.', ko: '기록된 알림의 ID가 아닙니다.' },
    remedy: { en: ['Take an id from the list of alerts.'], ko: ['알림 목록의 ID를 사용하십시오.'] },
    aliases: ['C1-ALT-002'],
  },
  'INP-0921': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: notDone,
    operator: { en: 'The silence is not acceptable.', ko: '무음 설정을 받아들일 수 없습니다.' },
    remedy: {
      en: ['Name at least one label and value, and an end within 30 days.'],
      ko: ['하나 이상의 라벨과 값, 그리고 30일 이내의 종료 시각을 지정하십시오.'],
    },
  },
  'INP-0922': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: notDone,
    operator: {
      en: 'A field of the alert or of the act on it is not acceptable.',
      ko: '알림 또는 조치의 항목이 허용 범위를 벗어났습니다.',
    },
    remedy: {
      en: ['Correct the named field; the message says what is allowed.'],
      ko: ['표시된 항목을 고치십시오. 허용 범위는 메시지에 있습니다.'],
    },
    aliases: ['C1-ALT-001'],
  },
  'INP-0923': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: notDone,
    operator: {
      en: 'The silence is not known or has ended.',
      ko: '무음 설정이 없거나 이미 끝났습니다.',
    },
    remedy: { en: ['Take an id from the list of silences.'], ko: ['무음 목록의 ID를 사용하십시오.'] },
  },
  'INP-0924': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: notDone,
    operator: { en: 'The settings of alerts are not acceptable.', ko: '알림 설정이 올바르지 않습니다.' },
    remedy: {
      en: ['Correct every place that the message names.'],
      ko: ['메시지가 가리키는 모든 항목을 고치십시오.'],
    },
  },
  'INP-0925': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: notDone,
    operator: { en: 'There is no such alert channel.', ko: '해당 알림 채널이 없습니다.' },
    remedy: {
      en: ['Take the id of a channel of the configuration, or log.'],
      ko: ['설정에 있는 채널의 ID 또는 log를 사용하십시오.'],
    },
  },
  'BAT-0601': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 1,
    user: { en: 'Somebody has already acknowledged it.', ko: '이미 확인된 알림입니다.' },
    operator: { en: 'An alert is acknowledged once.', ko: '알림은 한 번만 확인할 수 있습니다.' },
    remedy: {
      en: ['Take the acknowledgement back first if it is to be replaced.'],
      ko: ['바꾸려면 먼저 기존 확인을 취소하십시오.'],
    },
    aliases: ['C1-ALT-003'],
  },
  'BAT-0602': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 1,
    user: notDone,
    operator: { en: 'Nobody has acknowledged this alert.', ko: '확인되지 않은 알림입니다.' },
    remedy: { en: ['Look at the alert again.'], ko: ['알림을 다시 확인하십시오.'] },
  },
  'BAT-0603': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 1,
    user: notDone,
    operator: { en: 'This alert is already over.', ko: '이미 종료된 알림입니다.' },
    remedy: { en: ['Look at the alert again.'], ko: ['알림을 다시 확인하십시오.'] },
  },
  'SYS-0501': {
    severity: 'CRITICAL',
    retry: 'backoff',
    autoAlert: true,
    user: { en: 'Alerts may arrive late.', ko: '알림이 늦게 도착할 수 있습니다.' },
    operator: {
      en: 'An alert channel cannot deliver. The other channels go on.',
      ko: '알림 채널이 전달하지 못하고 있습니다. 다른 채널은 계속 동작합니다.',
    },
    remedy: {
      en: [
        'Read the last error of the channel; it names the address, the credentials or the network.',
        'Correct it; what is waiting is sent by itself, and the newest state is told.',
        'Send a test notice through the channel.',
      ],
      ko: [
        '채널의 마지막 오류를 확인하십시오. 주소, 인증 정보, 네트워크 중 원인이 표시됩니다.',
        '원인을 고치면 대기 중인 알림은 자동으로 전송되고 최신 상태가 전달됩니다.',
        '해당 채널로 시험 알림을 보내십시오.',
      ],
    },
  },
  'LOG-0501': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    user: { en: 'An internal check failed.', ko: '내부 검사에 실패했습니다.' },
    operator: {
      en: 'An alert could not be recorded together with its cause. The cause was recorded; the alert stands in the log only.',
      ko: '알림을 원인과 함께 기록하지 못했습니다. 원인은 기록되었고 알림은 로그에만 남았습니다.',
    },
    remedy: {
      en: ['Keep the log lines around it and report them.'],
      ko: ['전후의 로그를 보관하고 보고하십시오.'],
    },
  },
});
