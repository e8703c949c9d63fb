import { defineErrors } from '@qts-ops/core/plugin';

const user = { en: 'A notice could not be sent.', ko: '알림을 보내지 못했습니다.' };

/** How posting to Slack can fail. */
export const slackErrors = defineErrors({
  'EXT-0501': {
    severity: 'WARN',
    retry: 'backoff',
    autoAlert: false,
    user,
    operator: {
      en: 'Slack did not answer: no connection, no answer in time, or a server error.',
      ko: 'Slack이 응답하지 않았습니다. 연결 실패, 시간 초과 또는 서버 오류입니다.',
    },
  },
  'EXT-0502': {
    severity: 'WARN',
    retry: 'backoff',
    autoAlert: false,
    user,
    operator: { en: 'Slack asks us to send less often.', ko: 'Slack이 전송 빈도를 줄이라고 요청했습니다.' },
  },
  'EXT-0503': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user,
    operator: {
      en: 'Slack refused the message: the webhook is gone, switched off, or the message is not accepted.',
      ko: 'Slack이 메시지를 거부했습니다. 웹훅이 없거나 꺼졌거나 메시지가 허용되지 않습니다.',
    },
    remedy: {
      en: [
        'Look at the answer in the error.',
        'Make a new incoming webhook for the conversation and use its address.',
      ],
      ko: [
        '오류에 있는 응답을 확인하십시오.',
        '대화방의 incoming webhook을 새로 만들어 그 주소를 사용하십시오.',
      ],
    },
  },
});
