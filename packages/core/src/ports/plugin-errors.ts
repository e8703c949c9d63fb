import { defineErrors } from '../kernel/define-errors.ts';

const user = { en: 'The settings are not valid.', ko: '설정이 올바르지 않습니다.' };

/** How channels and checks can be wrong before they are used. */
export const pluginErrors = defineErrors({
  'INP-0501': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    cliExit: 2,
    user,
    operator: {
      en: 'Options of a channel or a check are not allowed.',
      ko: '알림 채널 또는 헬스 체크의 옵션이 허용되지 않는 값입니다.',
    },
    remedy: {
      en: ['Correct the named options in the configuration.'],
      ko: ['설정에서 표시된 옵션을 고치십시오.'],
    },
  },
  'INP-0502': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    cliExit: 2,
    user,
    operator: {
      en: 'A plugin was made for another version of the engine.',
      ko: '플러그인이 다른 버전의 엔진용으로 만들어졌습니다.',
    },
    remedy: {
      en: ['Install the version of the plugin that fits this engine, or a newer engine.'],
      ko: ['이 엔진에 맞는 플러그인 버전을 설치하거나 엔진을 새 버전으로 올리십시오.'],
    },
  },
  'INP-0503': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: false,
    cliExit: 2,
    user,
    operator: {
      en: 'A plugin describes itself wrongly, or an entry of `plugins` is no plugin.',
      ko: '플러그인의 자기 설명이 잘못되었거나 `plugins` 항목이 플러그인이 아닙니다.',
    },
    remedy: {
      en: [
        'Call the function of the plugin, as in slack({ … }).',
        'Tell the author of the plugin what the message says.',
      ],
      ko: ['slack({ … })처럼 플러그인 함수를 호출하십시오.', '메시지 내용을 플러그인 작성자에게 알리십시오.'],
    },
  },
  'INP-0504': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    cliExit: 2,
    user,
    operator: {
      en: 'A secret that the configuration refers to cannot be read.',
      ko: '설정이 가리키는 비밀 값을 읽을 수 없습니다.',
    },
    remedy: {
      en: ['Set the named environment variable, or make the named file readable for the engine.'],
      ko: ['표시된 환경 변수를 설정하거나 표시된 파일을 엔진이 읽을 수 있게 하십시오.'],
    },
  },
});
