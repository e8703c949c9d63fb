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
  'INP-0942': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: { en: 'Nobody waits for this sign of life.', ko: '이 생존 신호를 기다리는 점검이 없습니다.' },
    operator: {
      en: 'No check waits for pings under this key, so that its silence would be noticed by nobody.',
      ko: '이 키의 핑을 기다리는 점검이 없어 신호가 끊겨도 아무도 알 수 없습니다.',
    },
    remedy: {
      en: [
        'Use one of the keys that the message names.',
        "For a new one add a check such as heartbeatIn({ key: 'nightly', … }) to the configuration and start the engine again.",
      ],
      ko: [
        '메시지에 나온 키 가운데 하나를 쓰십시오.',
        "새 키라면 구성에 heartbeatIn({ key: 'nightly', … }) 같은 점검을 추가하고 엔진을 다시 시작하십시오.",
      ],
    },
  },
});
