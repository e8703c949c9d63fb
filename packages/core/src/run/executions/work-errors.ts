import { defineErrors } from '../../kernel/define-errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { type OpsException, type OpsExceptionOptions, opsException } from '../../kernel/ops-exception.ts';
import type { WorkOutcome } from '../../ports/work-runner.ts';

const grave = { severity: 'ERROR', httpStatus: 500, cliExit: 1 } as const;
const taskNotStarted = {
  en: 'A task could not be started. Operations has been informed.',
  ko: '작업을 시작하지 못했습니다. 운영 담당자에게 전달되었습니다.',
};

/** What can go wrong when work is started, ended, or its output kept. */
export const workErrors = defineErrors({
  'BAT-0401': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: taskNotStarted,
    operator: { en: 'The program of a command was not found.', ko: '명령의 프로그램을 찾을 수 없습니다.' },
    remedy: {
      en: [
        'Install the program or write its absolute path.',
        'Check PATH of the engine (`systemctl show-environment`).',
      ],
      ko: [
        '프로그램을 설치하거나 절대 경로로 적으십시오.',
        '엔진의 PATH를 확인하십시오(`systemctl show-environment`).',
      ],
    },
  },
  'BAT-0402': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: taskNotStarted,
    operator: {
      en: 'The working folder of a command is missing, is not a folder, or may not be entered.',
      ko: '명령의 작업 폴더가 없거나, 폴더가 아니거나, 들어갈 권한이 없습니다.',
    },
    remedy: {
      en: [
        'Create the folder or correct `cwd` of the target.',
        'Check that the account of the engine may enter it.',
      ],
      ko: [
        '폴더를 만들거나 대상의 `cwd`를 고치십시오.',
        '엔진 계정이 그 폴더에 들어갈 수 있는지 확인하십시오.',
      ],
    },
  },
  'BAT-0403': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: taskNotStarted,
    operator: {
      en: 'The module of an isolated target, or the function it names, does not exist.',
      ko: '격리 대상의 모듈 또는 지정한 함수가 없습니다.',
    },
    remedy: {
      en: ['Correct `module` (absolute path or file URL) or `export` (name of an exported function).'],
      ko: ['`module`(절대 경로 또는 file URL)이나 `export`(내보낸 함수 이름)를 고치십시오.'],
    },
  },
  'BAT-0404': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: taskNotStarted,
    operator: {
      en: 'The program of a command may not be run.',
      ko: '명령의 프로그램을 실행할 권한이 없습니다.',
    },
    remedy: {
      en: ['Make the file executable (`chmod +x`).', 'Check that its file system is not mounted `noexec`.'],
      ko: [
        '파일에 실행 권한을 주십시오(`chmod +x`).',
        '파일 시스템이 `noexec`로 마운트되지 않았는지 확인하십시오.',
      ],
    },
  },
  'BAT-0405': {
    ...grave,
    retry: 'after_operator',
    autoAlert: true,
    user: taskNotStarted,
    operator: {
      en: 'Arguments and environment of a command are larger than the system allows.',
      ko: '명령의 인수와 환경 변수가 시스템 한도보다 큽니다.',
    },
    remedy: {
      en: ['Hand large values over in a file and pass its path.'],
      ko: ['큰 값은 파일에 적고 그 경로를 넘기십시오.'],
    },
  },
  'INP-0401': {
    ...grave,
    httpStatus: 422,
    cliExit: 2,
    retry: 'never',
    autoAlert: false,
    user: taskNotStarted,
    operator: {
      en: 'A command, an argument or a variable holds a character that no program can be given.',
      ko: '명령, 인수 또는 환경 변수에 프로그램에 전달할 수 없는 문자가 있습니다.',
    },
    remedy: {
      en: ['Remove NUL characters; names of variables hold no `=`.'],
      ko: ['NUL 문자를 없애고, 변수 이름에는 `=`를 쓰지 마십시오.'],
    },
  },
  'INP-0402': {
    ...grave,
    httpStatus: 422,
    cliExit: 2,
    retry: 'never',
    autoAlert: false,
    user: { en: 'There is no such output.', ko: '해당 출력이 없습니다.' },
    operator: {
      en: 'An execution id or an output path is not one of ours.',
      ko: '실행 ID 또는 출력 경로가 이 시스템의 것이 아닙니다.',
    },
    remedy: {
      en: ['Use the path that the execution row names; it is never typed by hand.'],
      ko: ['실행 행에 적힌 경로를 쓰십시오. 손으로 입력하지 않습니다.'],
    },
  },
  'LOG-0401': {
    severity: 'CRITICAL',
    retry: 'never',
    autoAlert: true,
    user: taskNotStarted,
    operator: {
      en: 'A runner was given work of another kind.',
      ko: '실행기에 다른 종류의 작업이 전달되었습니다.',
    },
    remedy: {
      en: ['This is a defect of qts-ops: report it with the message.'],
      ko: ['qts-ops의 결함입니다. 메시지와 함께 알려 주십시오.'],
    },
  },
  'SYS-0401': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    outcomeKnown: false,
    user: { en: 'An earlier task is still running.', ko: '이전 작업이 아직 끝나지 않았습니다.' },
    operator: {
      en: 'Processes of an earlier run survive and could not be ended.',
      ko: '이전 실행의 프로세스가 남아 있으며 종료하지 못했습니다.',
    },
    remedy: {
      en: [
        'Look at the named pids (`ps -o pid,stat,user,wchan:30,args -p PIDS`).',
        'State D waits for a device or network disk: repair that first. Another user: end them as root.',
        'Start again when they are gone.',
      ],
      ko: [
        '표시된 pid를 확인하십시오(`ps -o pid,stat,user,wchan:30,args -p PIDS`).',
        '상태 D는 장치나 네트워크 디스크를 기다리는 것이므로 그것부터 고치십시오. 다른 사용자의 것이면 root로 종료하십시오.',
        '모두 사라진 뒤 다시 시작하십시오.',
      ],
    },
  },
  'SYS-0402': {
    ...grave,
    httpStatus: 503,
    retry: 'backoff',
    autoAlert: true,
    user: taskNotStarted,
    operator: {
      en: 'The system cannot start another process now.',
      ko: '시스템이 지금은 새 프로세스를 시작할 수 없습니다.',
    },
    remedy: {
      en: ['Check limits and load: `ulimit -u`, `ulimit -n`, `free -m`, `systemd-cgls`.'],
      ko: ['한도와 부하를 확인하십시오: `ulimit -u`, `ulimit -n`, `free -m`, `systemd-cgls`.'],
    },
  },
  'SYS-0403': {
    ...grave,
    httpStatus: 503,
    retry: 'backoff',
    autoAlert: true,
    user: { en: 'The output of a task could not be kept.', ko: '작업의 출력을 보관하지 못했습니다.' },
    operator: { en: 'An output file could not be written.', ko: '출력 파일을 쓰지 못했습니다.' },
    remedy: {
      en: ['Check free space, inodes and rights of the state folder (`df -h`, `df -i`, `ls -ld`).'],
      ko: ['상태 폴더의 여유 공간, inode, 권한을 확인하십시오(`df -h`, `df -i`, `ls -ld`).'],
    },
  },
});

/** A code that says why work did not start. */
export type WorkErrorCode = keyof typeof workErrors;

/** The outcome of work that did not start; `message` names the field, the value, what is allowed and a remedy. */
export function notStarted(code: WorkErrorCode, message: string, detail: JsonObject): WorkOutcome {
  return { kind: 'not-started', code, message, detail };
}

/** The outcome of work that was given to a runner of another kind: LOG-0401, a defect of the caller. */
export function notOurKind(allowed: string, seen: string): WorkOutcome {
  const message = `kind: "${seen}"; allowed: ${allowed}; this is a defect, report it`;
  return notStarted('LOG-0401', message, { kind: seen });
}

/** The exception of one of the codes of this page. */
export function workError(
  code: WorkErrorCode,
  message: string,
  options: OpsExceptionOptions = {},
): OpsException {
  return opsException(code, message, options);
}
