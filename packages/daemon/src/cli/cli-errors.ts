import { defineErrors } from '@qts-ops/core/plugin';

/** How a command line can be wrong before its command runs. */
export const cliErrors = defineErrors({
  'INP-0313': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    cliExit: 2,
    user: { en: 'The command line is not understood.', ko: '명령줄을 이해할 수 없습니다.' },
    operator: {
      en: 'A word, option or value is not allowed there.',
      ko: '허용되지 않는 단어, 옵션 또는 값입니다.',
    },
    remedy: {
      en: ['Look at `qts-ops --help`, or at `qts-ops <command> --help`.'],
      ko: ['`qts-ops --help` 또는 `qts-ops <명령> --help`를 확인하십시오.'],
    },
  },
});
