import { defineErrors } from '../../kernel/define-errors.ts';
import { type OpsException, type OpsExceptionOptions, opsException } from '../../kernel/ops-exception.ts';

/** What can be wrong with a configuration file, the state folder beside it and the socket inside that. */
export const configErrors = defineErrors({
  'INP-0305': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'The configuration cannot be used.', ko: '설정을 사용할 수 없습니다.' },
    operator: { en: 'The configuration has problems.', ko: '설정에 문제가 있습니다.' },
    remedy: {
      en: ['Correct every listed place.', "Run 'qts-ops config check' until it reports none."],
      ko: ['표시된 항목을 모두 고치십시오.', "문제가 없을 때까지 'qts-ops config check'를 실행하십시오."],
    },
  },
  'INP-0601': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: { en: 'No configuration was found.', ko: '설정 파일을 찾을 수 없습니다.' },
    operator: {
      en: 'Neither a state folder was given nor is there a configuration in this folder or above it.',
      ko: '상태 폴더가 지정되지 않았고, 이 폴더와 상위 폴더에 설정 파일도 없습니다.',
    },
    remedy: {
      en: [
        "Run 'qts-ops init' to write a configuration here.",
        'Or name the state folder with --state or QTS_OPS_STATE.',
      ],
      ko: [
        "'qts-ops init'으로 이 폴더에 설정 파일을 만드십시오.",
        '또는 --state나 QTS_OPS_STATE로 상태 폴더를 지정하십시오.',
      ],
    },
  },
  'INP-0602': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 2,
    user: { en: 'There is more than one configuration.', ko: '설정 파일이 둘 이상입니다.' },
    operator: {
      en: 'One folder holds several configuration files; only one can count.',
      ko: '한 폴더에 설정 파일이 여러 개 있습니다. 하나만 사용할 수 있습니다.',
    },
    remedy: {
      en: ['Keep one of the named files and move or delete the others.'],
      ko: ['표시된 파일 중 하나만 남기고 나머지는 옮기거나 삭제하십시오.'],
    },
  },
  'INP-0603': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'The configuration could not be loaded.', ko: '설정 파일을 불러올 수 없습니다.' },
    operator: {
      en: 'The configuration file could not be read or evaluated.',
      ko: '설정 파일을 읽거나 실행하지 못했습니다.',
    },
    remedy: {
      en: ['Follow the remedy named in the message.'],
      ko: ['메시지에 적힌 조치를 따르십시오.'],
    },
  },
  'INP-0604': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    httpStatus: 409,
    cliExit: 2,
    user: { en: 'A configuration exists already.', ko: '설정 파일이 이미 있습니다.' },
    operator: {
      en: 'Writing a new configuration would overwrite or contradict an existing one.',
      ko: '새 설정 파일이 기존 파일을 덮어쓰거나 기존 파일과 충돌합니다.',
    },
    remedy: {
      en: ['Use the existing configuration, or move it away first.'],
      ko: ['기존 설정 파일을 사용하거나 먼저 다른 곳으로 옮기십시오.'],
    },
  },
  'INP-0605': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    cliExit: 2,
    user: { en: 'The configuration could not be written.', ko: '설정 파일을 만들 수 없습니다.' },
    operator: {
      en: 'The folder does not accept a new configuration file.',
      ko: '폴더에 새 설정 파일을 쓸 수 없습니다.',
    },
    remedy: {
      en: ['Choose a folder that this user may write to, or correct its permissions.'],
      ko: ['이 사용자가 쓸 수 있는 폴더를 선택하거나 권한을 고치십시오.'],
    },
  },
  'SYS-0411': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    cliExit: 2,
    user: { en: 'The engine cannot open its door.', ko: '엔진의 접속 통로를 열 수 없습니다.' },
    operator: {
      en: 'There is no safe place for the socket of this state folder.',
      ko: '이 상태 폴더의 소켓을 안전하게 둘 곳이 없습니다.',
    },
    remedy: {
      en: [
        'Choose a state folder with a shorter path, so that the socket fits inside it.',
        'Or set XDG_RUNTIME_DIR to a folder that only this user can enter.',
      ],
      ko: [
        '소켓이 들어갈 수 있도록 경로가 더 짧은 상태 폴더를 선택하십시오.',
        '또는 이 사용자만 들어갈 수 있는 폴더를 XDG_RUNTIME_DIR로 지정하십시오.',
      ],
    },
  },
});

/** Makes an exception of this chapter; its codes are declared by the time it can be called. */
export function configError(
  code: keyof typeof configErrors,
  message: string,
  options: OpsExceptionOptions = {},
): OpsException {
  return opsException(code, message, options);
}
