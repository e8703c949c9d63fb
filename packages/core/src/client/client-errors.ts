// An engine refuses with these over its socket too; a screen must know what to do about them.
import '../run/executions/execution-errors.ts';
import '../watch/alerts/alert-errors.ts';
import '../watch/health/health-errors.ts';
import '../watch/health/ping-errors.ts';
import { defineErrors, findError } from '../kernel/define-errors.ts';
import type { OpsException } from '../kernel/ops-exception.ts';

/** How asking an engine can fail before the engine has answered. */
export const clientErrors = defineErrors({
  'EXT-0105': {
    severity: 'ERROR',
    retry: 'backoff',
    autoAlert: false,
    httpStatus: 503,
    cliExit: 3,
    user: { en: 'The operations engine cannot be reached.', ko: '운영 엔진에 연결할 수 없습니다.' },
    operator: { en: 'No engine answers on the socket.', ko: '소켓에서 응답하는 엔진이 없습니다.' },
    remedy: {
      en: [
        'Start the engine with `qts-ops run`, or name its state folder with --state.',
        'If it should be running, look at its log and at `qts-ops status`.',
      ],
      ko: [
        '`qts-ops run`으로 엔진을 시작하거나 --state로 상태 폴더를 지정하십시오.',
        '실행 중이어야 한다면 엔진 로그와 `qts-ops status`를 확인하십시오.',
      ],
    },
  },
  'EXT-0106': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 502,
    cliExit: 3,
    user: {
      en: 'The operations engine speaks another version.',
      ko: '운영 엔진의 프로토콜 버전이 다릅니다.',
    },
    operator: {
      en: 'Engine and client use different versions of the protocol.',
      ko: '엔진과 클라이언트의 프로토콜 버전이 서로 다릅니다.',
    },
    remedy: {
      en: ['Install the same version of @qts-ops/daemon and @qts-ops/tui, then restart the older one.'],
      ko: ['@qts-ops/daemon과 @qts-ops/tui를 같은 버전으로 설치하고 오래된 쪽을 다시 시작하십시오.'],
    },
  },
  'EXT-0107': {
    severity: 'ERROR',
    retry: 'backoff',
    autoAlert: false,
    httpStatus: 504,
    cliExit: 3,
    user: { en: 'The operations engine does not answer.', ko: '운영 엔진이 응답하지 않습니다.' },
    operator: {
      en: 'The engine accepted the connection and did not answer in time.',
      ko: '엔진이 연결을 받았으나 제한 시간 안에 응답하지 않았습니다.',
    },
    remedy: {
      en: [
        'Something may keep the engine busy: look for a target that computes in-process for long.',
        'Move such a target to `isolated` or to a command, then restart the engine.',
      ],
      ko: [
        '엔진이 다른 일로 막혀 있을 수 있습니다. 엔진 안에서 오래 계산하는 대상이 있는지 확인하십시오.',
        '그런 대상을 `isolated` 또는 명령으로 옮기고 엔진을 다시 시작하십시오.',
      ],
    },
  },
});

/** What to do about a failure, step by step: from this process' catalogue, else as the engine sent it. */
export function remedyOf(error: OpsException): readonly string[] {
  const known = findError(error.code)?.definition.remedy?.en;
  if (known !== undefined) return known;
  const sent = error.data['remedy'];
  return Array.isArray(sent) ? sent.filter((step) => typeof step === 'string') : [];
}
