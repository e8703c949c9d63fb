import { defineErrors } from '../../kernel/define-errors.ts';
import { type OpsException, type OpsExceptionOptions, opsException } from '../../kernel/ops-exception.ts';

const user = {
  en: 'An archive could not be read or written.',
  ko: '아카이브를 읽거나 쓸 수 없습니다.',
} as const;

const readAnother = {
  en: [
    'Do not use this archive; take another verified backup.',
    'Check the disk that holds it (smartctl, kernel log), then run the backup again.',
  ],
  ko: [
    '이 아카이브를 사용하지 말고 검증된 다른 백업을 사용합니다.',
    '아카이브가 있는 디스크를 점검한 뒤(smartctl, 커널 로그) 백업을 다시 실행합니다.',
  ],
} as const;

/** What can be wrong with an archive. */
export const archiveErrors = defineErrors({
  'SYS-0120': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user,
    operator: {
      en: 'A block of an archive does not unpack to what was packed: it is damaged.',
      ko: '아카이브 블록이 손상되어 원래 내용으로 풀리지 않습니다.',
    },
    remedy: readAnother,
  },
  'SYS-0121': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user,
    operator: {
      en: 'The content of an archive is not the tar format as we write it.',
      ko: '아카이브 내용이 이 시스템이 쓰는 tar 형식이 아닙니다.',
    },
    remedy: readAnother,
  },
  'SYS-0122': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    user,
    operator: {
      en: 'An archive is shorter or longer than it must be.',
      ko: '아카이브 길이가 기록과 다릅니다.',
    },
    remedy: readAnother,
  },
  'SYS-0123': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    user,
    operator: {
      en: 'An archive of other origin was refused: an unsafe name, a name twice, or more content than allowed.',
      ko: '외부 아카이브를 거부했습니다. 위험하거나 중복된 이름이 있거나 허용된 양을 넘습니다.',
    },
    remedy: {
      en: [
        'Find out where the archive comes from; do not unpack it with other tools into a data folder.',
        'If it is trusted and only large, raise the limit that the message names.',
      ],
      ko: [
        '아카이브의 출처를 확인하고, 다른 도구로 데이터 폴더에 풀지 마십시오.',
        '신뢰할 수 있고 단지 큰 것이라면 메시지에 나온 한도를 올립니다.',
      ],
    },
  },
  'SYS-0124': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    user,
    operator: {
      en: 'A file cannot be put into an archive under its name.',
      ko: '파일을 그 이름으로 아카이브에 넣을 수 없습니다.',
    },
    remedy: {
      en: ['Rename the file that the message names.'],
      ko: ['메시지에 나온 파일의 이름을 바꿉니다.'],
    },
  },
});

/** An error of this adapter. */
export function archiveError(
  code: keyof typeof archiveErrors,
  message: string,
  options?: OpsExceptionOptions,
): OpsException {
  return opsException(code, message, options);
}
