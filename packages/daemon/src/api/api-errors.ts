import { defineErrors } from '@qts-ops/core/plugin';

/** How a request can fail at the door, before the engine is asked. */
export const apiErrors = defineErrors({
  'INP-0307': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 400,
    cliExit: 2,
    user: { en: 'The request has no request id.', ko: '요청 ID가 없습니다.' },
    operator: {
      en: 'A writing request came without a usable X-Idempotency-Key.',
      ko: '쓰기 요청에 사용할 수 있는 X-Idempotency-Key가 없습니다.',
    },
    remedy: {
      en: [
        'Send X-Idempotency-Key: 8 to 128 visible ASCII characters, new for each act, the same when asking again.',
      ],
      ko: [
        'X-Idempotency-Key를 보내십시오. 8~128자의 ASCII 문자로, 조치마다 새로 만들고 다시 물을 때는 같은 값을 씁니다.',
      ],
    },
  },
  'INP-0311': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: { en: 'There is no such address.', ko: '없는 주소입니다.' },
    operator: { en: 'Unknown route of the admin API.', ko: '관리 API에 없는 경로입니다.' },
    remedy: {
      en: ['Look the route up in docs/reference/openapi.json.'],
      ko: ['docs/reference/openapi.json에서 경로를 확인하십시오.'],
    },
  },
  'INP-0312': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 400,
    cliExit: 2,
    user: { en: 'The request could not be read.', ko: '요청을 읽을 수 없습니다.' },
    operator: { en: 'The request is not JSON, or too large.', ko: '요청이 JSON이 아니거나 너무 큽니다.' },
    remedy: {
      en: ['Send one JSON object of at most 64 KiB as application/json.'],
      ko: ['64 KiB 이하의 JSON 객체 하나를 application/json으로 보내십시오.'],
    },
  },
  'EXT-0108': {
    severity: 'WARN',
    retry: 'backoff',
    autoAlert: false,
    httpStatus: 503,
    user: { en: 'Too many screens are open.', ko: '열려 있는 화면이 너무 많습니다.' },
    operator: {
      en: 'The limit of watching clients is reached.',
      ko: '감시 클라이언트 수가 한도에 도달했습니다.',
    },
    remedy: { en: ['Close a terminal that is no longer needed.'], ko: ['필요 없는 터미널을 닫으십시오.'] },
  },
  'SYS-0412': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user: { en: 'The engine cannot open its door.', ko: '엔진의 접속 통로를 열 수 없습니다.' },
    operator: {
      en: 'The place of the socket is taken.',
      ko: '소켓 자리가 이미 사용 중입니다.',
    },
    remedy: {
      en: ['Find out what uses the named path; end that engine or move the file away.'],
      ko: ['표시된 경로를 무엇이 쓰는지 확인하고 그 엔진을 끝내거나 파일을 옮기십시오.'],
    },
  },
});
