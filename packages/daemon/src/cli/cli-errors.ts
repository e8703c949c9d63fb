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
  'SYS-0413': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    cliExit: 1,
    user: { en: 'The result could not be written.', ko: '결과를 쓸 수 없습니다.' },
    operator: {
      en: 'Standard output took only a part of the result, or nothing.',
      ko: '표준 출력이 결과의 일부만 받았거나 전혀 받지 못했습니다.',
    },
    remedy: {
      en: ['Make room where the output goes, or send it elsewhere, and ask again.'],
      ko: ['출력이 저장되는 곳에 공간을 확보하거나 다른 곳으로 보낸 뒤 다시 실행하십시오.'],
    },
  },
});
