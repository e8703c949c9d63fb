import { defineErrors } from '../kernel/define-errors.ts';

/** Errors that belong to no chapter. */
export const engineErrors = defineErrors({
  'LOG-0101': {
    severity: 'CRITICAL',
    retry: 'never',
    autoAlert: true,
    user: { en: 'An internal check failed.', ko: '내부 검사에 실패했습니다.' },
    operator: { en: 'An invariant of the program does not hold.', ko: '프로그램의 불변 조건이 깨졌습니다.' },
    remedy: {
      en: [
        'Keep the log lines around it and report them.',
        'Restart the engine; it recovers from its store.',
      ],
      ko: ['전후의 로그를 보관하고 보고하십시오.', '엔진을 다시 시작하십시오. 저장소에서 복구합니다.'],
    },
    aliases: ['C1-LOG-002'],
  },
  'SYS-9999': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: true,
    user: {
      en: 'Something went wrong; an operator has been informed.',
      ko: '문제가 발생했습니다. 운영자에게 알렸습니다.',
    },
    operator: { en: 'An error nobody declared.', ko: '선언되지 않은 오류입니다.' },
    remedy: {
      en: ['Read the log around it.', 'Report it so that it gets a code.'],
      ko: ['전후의 로그를 확인하십시오.', '코드를 부여할 수 있도록 보고하십시오.'],
    },
    aliases: ['C1-SYS-000'],
  },
});
