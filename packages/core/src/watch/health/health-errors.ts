import { defineErrors } from '../../kernel/define-errors.ts';

/** What can be wrong with checks as they are configured, and what their alerts are explained with. */
export const healthErrors = defineErrors({
  'INP-0901': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'A health check is not configured correctly.', ko: '상태 점검 설정이 올바르지 않습니다.' },
    operator: {
      en: 'The policy of a health check has fields that cannot be used.',
      ko: '상태 점검의 정책에 사용할 수 없는 항목이 있습니다.',
    },
    remedy: {
      en: ['Correct the fields the message names.', "Run 'qts-ops config check'."],
      ko: ['메시지에 표시된 항목을 고치십시오.', "'qts-ops config check'를 실행하십시오."],
    },
  },
  'INP-0902': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'A threshold cannot be read.', ko: '임계값을 읽을 수 없습니다.' },
    operator: {
      en: 'A threshold is neither a number, limits, nor a Nagios range.',
      ko: '임계값이 숫자, 한계값, Nagios 범위 중 어느 것도 아닙니다.',
    },
    remedy: {
      en: ['Write a number, { above, below, clear } or a range such as 10:20, ~:5 or @10:20.'],
      ko: ['숫자, { above, below, clear } 또는 10:20, ~:5, @10:20 같은 범위로 쓰십시오.'],
    },
  },
  'INP-0903': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: {
      en: 'Health checks depend on each other wrongly.',
      ko: '상태 점검의 의존 관계가 잘못되었습니다.',
    },
    operator: {
      en: 'A check depends on one that does not exist, or on itself through others.',
      ko: '존재하지 않는 점검에 의존하거나, 다른 점검을 거쳐 자기 자신에게 의존합니다.',
    },
    remedy: {
      en: ['Remove or rename the dependency the message names.'],
      ko: ['메시지에 표시된 의존 관계를 없애거나 이름을 고치십시오.'],
    },
  },
  'INP-0904': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'A health check cannot have this name.', ko: '상태 점검에 이 이름을 쓸 수 없습니다.' },
    operator: {
      en: 'The name of a check is empty, too long, taken, or unknown.',
      ko: '점검 이름이 비어 있거나, 너무 길거나, 이미 쓰이거나, 알 수 없는 이름입니다.',
    },
    remedy: {
      en: ['Give every check its own name of 1 to 64 characters.', "'qts-ops health list' shows the names."],
      ko: ['점검마다 1~64자의 고유한 이름을 쓰십시오.', "'qts-ops health list'에서 이름을 볼 수 있습니다."],
    },
  },
  'EXT-0601': {
    severity: 'ERROR',
    retry: 'backoff',
    autoAlert: false,
    user: { en: 'A part of the system is not well.', ko: '시스템의 일부에 문제가 있습니다.' },
    operator: {
      en: 'A health check fails or warns: what it looks at is not well.',
      ko: '상태 점검이 실패하거나 경고합니다. 점검 대상에 문제가 있습니다.',
    },
    remedy: {
      en: [
        "Read what it found: 'qts-ops health explain NAME'.",
        'Repair what it looks at; the alert resolves by itself.',
        "Look again at once with 'qts-ops health run NAME'.",
      ],
      ko: [
        "'qts-ops health explain 이름'으로 점검 결과를 확인하십시오.",
        '점검 대상을 복구하십시오. 알림은 자동으로 해제됩니다.',
        "'qts-ops health run 이름'으로 즉시 다시 점검할 수 있습니다.",
      ],
    },
  },
  'EXT-0602': {
    severity: 'ERROR',
    retry: 'backoff',
    autoAlert: false,
    user: {
      en: 'A part of the system could not be checked.',
      ko: '시스템의 일부를 점검할 수 없습니다.',
    },
    operator: {
      en: 'A health check could not look, so nothing is known about what it watches.',
      ko: '상태 점검을 수행할 수 없어 점검 대상의 상태를 알 수 없습니다.',
    },
    remedy: {
      en: [
        "Read why it could not look: 'qts-ops health explain NAME'.",
        'Correct its options, credentials or quota, or our own connection.',
        'A kind of check that is set aside because its looks never end is used again after they have ended or a restart.',
      ],
      ko: [
        "'qts-ops health explain 이름'으로 점검하지 못한 이유를 확인하십시오.",
        '점검의 옵션, 자격 증명, 할당량 또는 네트워크 연결을 고치십시오.',
        '끝나지 않는 점검 때문에 제외된 종류는 점검이 끝나거나 다시 시작하면 다시 사용됩니다.',
      ],
    },
  },
});
