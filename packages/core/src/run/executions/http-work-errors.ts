import { defineErrors } from '../../kernel/define-errors.ts';

const grave = { severity: 'ERROR', httpStatus: 502, cliExit: 1 } as const;
const late = {
  en: 'An outside service answers late; the task runs again on its own.',
  ko: '외부 서비스의 응답이 늦어지고 있습니다. 작업은 자동으로 다시 실행됩니다.',
};
const unavailable = {
  en: 'An outside service is not available. Operations has been informed.',
  ko: '외부 서비스를 사용할 수 없습니다. 운영 담당자에게 전달되었습니다.',
};
const notDone = {
  en: 'A task could not be carried out. Operations has been informed.',
  ko: '작업을 수행하지 못했습니다. 운영 담당자에게 전달되었습니다.',
};

/** How a request to an outside service can fail. */
export const httpWorkErrors = defineErrors({
  'EXT-0101': {
    severity: 'WARN',
    httpStatus: 504,
    retry: 'backoff',
    autoAlert: false,
    // A request that got no answer may have been carried out all the same.
    outcomeKnown: false,
    user: late,
    operator: {
      en: 'An outside service did not answer in time.',
      ko: '외부 서비스가 제한 시간 안에 응답하지 않았습니다.',
    },
    remedy: {
      en: [
        'Check the state of the service and the way to it (`curl -v URL` on this machine).',
        'If it needs longer by nature, raise `silenceTimeout` and `timeout` of the target.',
        'Find out whether the request was carried out before running it again.',
      ],
      ko: [
        '서비스 상태와 연결 경로를 확인하십시오(이 서버에서 `curl -v URL`).',
        '원래 오래 걸리는 요청이면 대상의 `silenceTimeout`과 `timeout`을 늘리십시오.',
        '다시 실행하기 전에 요청이 이미 처리되었는지 확인하십시오.',
      ],
    },
    aliases: ['C1-EXT-001'],
  },
  'EXT-0102': {
    severity: 'WARN',
    httpStatus: 503,
    retry: 'backoff',
    autoAlert: false,
    user: late,
    operator: {
      en: 'An outside service refused the request because there were too many (429).',
      ko: '요청이 너무 많아 외부 서비스가 거절했습니다(429).',
    },
    remedy: {
      en: [
        "Wait as long as `retryAfterMs` of the execution says; attempts by 'retry' do so by themselves.",
        'Run the target less often, or ask the service for a higher limit.',
      ],
      ko: [
        '실행 정보의 `retryAfterMs`만큼 기다리십시오. `retry` 재시도는 스스로 기다립니다.',
        '대상의 실행 간격을 늘리거나 서비스에 한도 증가를 요청하십시오.',
      ],
    },
  },
  'EXT-0103': {
    ...grave,
    retry: 'backoff',
    autoAlert: true,
    user: unavailable,
    operator: {
      en: 'An outside service answered with a 5xx status.',
      ko: '외부 서비스가 5xx 상태로 응답했습니다.',
    },
    remedy: {
      en: [
        'Read the answer in the output of the execution.',
        'Check the state and the log of the service; the fault is on its side.',
      ],
      ko: [
        '실행 출력에 남은 응답을 읽으십시오.',
        '서비스의 상태와 로그를 확인하십시오. 원인은 서비스 쪽에 있습니다.',
      ],
    },
    aliases: ['C1-EXT-002'],
  },
  'EXT-0104': {
    severity: 'CRITICAL',
    httpStatus: 502,
    retry: 'after_operator',
    autoAlert: true,
    user: unavailable,
    operator: {
      en: 'An outside service refused our credentials (401, 403 or 407).',
      ko: '외부 서비스가 인증 정보를 거부했습니다(401, 403 또는 407).',
    },
    remedy: {
      en: [
        'Check that the variable the target refers to is set and holds what the service expects, `Bearer ` included.',
        'Renew what has expired; ask the service whether the account is locked or lacks a right.',
        'Restart the engine: it reads its variables when it starts.',
      ],
      ko: [
        '대상이 참조하는 환경 변수가 설정되어 있고, `Bearer `를 포함해 서비스가 요구하는 값인지 확인하십시오.',
        '만료된 값은 새로 발급받고, 계정 잠김이나 권한 부족 여부를 서비스에 확인하십시오.',
        '엔진을 다시 시작하십시오. 변수는 시작할 때 읽습니다.',
      ],
    },
  },
  'EXT-0109': {
    ...grave,
    retry: 'backoff',
    autoAlert: true,
    user: unavailable,
    operator: { en: 'An outside service could not be reached.', ko: '외부 서비스에 연결할 수 없습니다.' },
    remedy: {
      en: [
        'The message names the reason: refused (nobody listens there), unknown name, no way to the machine.',
        'Check that the service runs and that this machine reaches it: `curl -v URL`, `getent hosts NAME`.',
      ],
      ko: [
        '메시지에 이유가 있습니다: 거부(듣는 프로그램 없음), 알 수 없는 이름, 경로 없음.',
        '서비스가 실행 중인지, 이 서버에서 닿는지 확인하십시오: `curl -v URL`, `getent hosts NAME`.',
      ],
    },
  },
  'EXT-0110': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: unavailable,
    operator: {
      en: 'A secure connection to an outside service could not be made.',
      ko: '외부 서비스와 보안 연결을 맺지 못했습니다.',
    },
    remedy: {
      en: [
        'The message names the reason: expired, other name, unknown issuer.',
        'Look at the certificate: `openssl s_client -connect HOST:443 -servername HOST </dev/null`.',
        'A private issuer is made known with NODE_EXTRA_CA_CERTS=/path/ca.pem in the environment of the engine.',
      ],
      ko: [
        '메시지에 이유가 있습니다: 만료, 다른 이름, 알 수 없는 발급자.',
        '인증서를 확인하십시오: `openssl s_client -connect HOST:443 -servername HOST </dev/null`.',
        '사설 발급자는 엔진 환경의 NODE_EXTRA_CA_CERTS=/path/ca.pem으로 등록하십시오.',
      ],
    },
  },
  'EXT-0111': {
    ...grave,
    retry: 'backoff',
    autoAlert: true,
    outcomeKnown: false,
    user: unavailable,
    operator: {
      en: 'An outside service broke off before its answer was complete.',
      ko: '외부 서비스가 응답을 끝내기 전에 연결을 끊었습니다.',
    },
    remedy: {
      en: [
        'Look at the log of the service and of any proxy in between at the time of the execution.',
        'Find out whether the request was carried out before running it again.',
      ],
      ko: [
        '실행 시각의 서비스 로그와 중간 프록시 로그를 확인하십시오.',
        '다시 실행하기 전에 요청이 이미 처리되었는지 확인하십시오.',
      ],
    },
  },
  'BAT-0406': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: notDone,
    operator: {
      en: 'An outside service answered with a status the target does not expect.',
      ko: '외부 서비스가 대상이 기대하지 않은 상태로 응답했습니다.',
    },
    remedy: {
      en: [
        'Read the answer in the output of the execution.',
        'A redirect (3xx) is not followed: write the final address. 404 or 405: correct `url` or `method`.',
        'If the status means success for this service, add it to `expectStatus`.',
      ],
      ko: [
        '실행 출력에 남은 응답을 읽으십시오.',
        '리디렉션(3xx)은 따라가지 않으므로 최종 주소를 적으십시오. 404나 405이면 `url` 또는 `method`를 고치십시오.',
        '이 서비스에서 성공을 뜻하는 상태라면 `expectStatus`에 추가하십시오.',
      ],
    },
  },
  'BAT-0407': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: notDone,
    operator: {
      en: 'A request could not be made from what the target says.',
      ko: '대상 설정으로 요청을 만들 수 없습니다.',
    },
    remedy: {
      en: ['Correct `url`, `headers` or `body` of the target; the message names what is not allowed.'],
      ko: ['대상의 `url`, `headers` 또는 `body`를 고치십시오. 허용되지 않는 부분이 메시지에 있습니다.'],
    },
  },
});

/** A code that says how a request failed. */
export type HttpWorkErrorCode = keyof typeof httpWorkErrors;
