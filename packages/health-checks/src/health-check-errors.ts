import { defineErrors } from '@qts-ops/core/plugin';

/** How setting up a check can fail; a check that runs answers with a verdict instead. */
export const healthCheckErrors = defineErrors({
  'INP-0521': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    cliExit: 2,
    user: { en: 'The settings of a health check are not valid.', ko: '상태 점검 설정이 올바르지 않습니다.' },
    operator: {
      en: 'An option of a health check is not allowed.',
      ko: '상태 점검 옵션이 허용되지 않는 값입니다.',
    },
    remedy: {
      en: ['Correct the named option in the configuration.'],
      ko: ['설정에서 표시된 옵션을 고치십시오.'],
    },
  },
});
