import { defineErrors } from '@qts-ops/core/plugin';

const user = { en: 'A notice could not be sent.', ko: '알림을 보내지 못했습니다.' };

/** How sending mail can fail. */
export const emailErrors = defineErrors({
  'INP-0511': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    cliExit: 2,
    user: {
      en: 'The settings of the e-mail channel are not valid.',
      ko: '이메일 채널 설정이 올바르지 않습니다.',
    },
    operator: {
      en: 'An option of emailChannel is not allowed.',
      ko: 'emailChannel 옵션이 허용되지 않는 값입니다.',
    },
    remedy: {
      en: ['Correct the named option in the configuration.'],
      ko: ['설정에서 표시된 옵션을 고치십시오.'],
    },
  },
  'EXT-0511': {
    severity: 'WARN',
    retry: 'backoff',
    autoAlert: false,
    user,
    operator: {
      en: 'The mail server did not take the mail: no connection, no answer in time, or a passing refusal (4xx).',
      ko: '메일 서버가 메일을 받지 못했습니다. 연결 실패, 시간 초과 또는 일시적 거부(4xx)입니다.',
    },
  },
  'EXT-0512': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user,
    operator: {
      en: 'The mail server refused the login, the encryption or the mail for good (5xx).',
      ko: '메일 서버가 로그인, 암호화 또는 메일을 최종 거부했습니다(5xx).',
    },
    remedy: {
      en: ['Look at the answer in the error.', 'Check user, password, encryption, sender and recipients.'],
      ko: ['오류에 있는 응답을 확인하십시오.', '사용자, 비밀번호, 암호화, 발신자, 수신자를 점검하십시오.'],
    },
  },
  'EXT-0513': {
    severity: 'WARN',
    retry: 'after_operator',
    autoAlert: false,
    user,
    operator: {
      en: 'The mail reached some recipients; the server refused the others.',
      ko: '일부 수신자에게만 메일이 전달되었고 나머지는 서버가 거부했습니다.',
    },
  },
});
