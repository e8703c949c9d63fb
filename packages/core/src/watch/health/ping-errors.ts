import { defineErrors } from '../../kernel/define-errors.ts';

/** How a sign of life can be refused. */
export const pingErrors = defineErrors({
  'INP-0941': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 400,
    cliExit: 2,
    user: { en: 'A sign of life could not be taken.', ko: '생존 신호를 받을 수 없습니다.' },
    operator: {
      en: 'The key, exit code, run id or text of a ping cannot be used.',
      ko: '핑의 키, 종료 코드, 실행 ID 또는 본문을 사용할 수 없습니다.',
    },
    remedy: {
      en: ['Send what the message allows; use one key per job, not one per run.'],
      ko: ['메시지가 허용하는 값을 보내고, 실행마다가 아니라 작업마다 키 하나를 쓰십시오.'],
    },
  },
});
