import { defineErrors } from '../../kernel/define-errors.ts';

const refused = { severity: 'ERROR', retry: 'after_operator', autoAlert: false, cliExit: 2 } as const;

/** How an act on backups can be asked for in vain. */
export const keepErrors = defineErrors({
  'BAT-0506': {
    severity: 'WARN',
    retry: 'after_operator',
    autoAlert: false,
    cliExit: 1,
    user: { en: 'It was stopped before its end.', ko: '끝나기 전에 중지되었습니다.' },
    operator: {
      en: 'Somebody asked the command to end; what was under way is not done.',
      ko: '명령을 끝내라는 요청이 있어 진행 중이던 작업이 완료되지 않았습니다.',
    },
    remedy: {
      en: ['Ask for the same again: what was left behind is removed or gone on with.'],
      ko: ['같은 명령을 다시 실행하십시오. 남은 것은 정리되거나 이어서 진행됩니다.'],
    },
  },
  'BAT-0507': {
    severity: 'WARN',
    retry: 'after_operator',
    autoAlert: false,
    user: { en: 'A backup lacks files.', ko: '백업에 빠진 파일이 있습니다.' },
    operator: {
      en: 'Files of the source were left out of a backup because they could not be read or named.',
      ko: '읽거나 이름을 확인할 수 없어 백업에서 제외된 파일이 있습니다.',
    },
    remedy: {
      en: [
        'Show what was left out: qts-ops backup show latest.',
        'Let the account of the engine read the files, or leave them out with `include`.',
      ],
      ko: [
        '제외된 파일을 확인하십시오: qts-ops backup show latest.',
        '엔진 계정에 읽기 권한을 주거나 `include`로 제외하십시오.',
      ],
    },
  },
  'BAT-0508': {
    severity: 'WARN',
    retry: 'immediate',
    autoAlert: false,
    user: { en: 'New files are not copied.', ko: '새 파일이 복사되지 않고 있습니다.' },
    operator: {
      en: 'Near-real-time copies of a source still failed when a run of them ended; whole backups are not affected.',
      ko: '실시간 복사 실행이 끝날 때까지 원본의 복사가 실패했습니다. 전체 백업에는 영향이 없습니다.',
    },
    remedy: {
      en: [
        'Mend what the message names: the source, the backup root, its space or its rights.',
        'The next run tries again by itself; make a whole backup in the meantime: qts-ops backup run.',
      ],
      ko: [
        '메시지가 가리키는 원인(원본, 백업 위치, 용량, 권한)을 해결하십시오.',
        '다음 실행이 자동으로 다시 시도합니다. 그동안 전체 백업을 만드십시오: qts-ops backup run.',
      ],
    },
  },
  'BAT-0509': {
    severity: 'WARN',
    retry: 'after_operator',
    autoAlert: false,
    user: { en: 'Two machines share a backup.', ko: '두 시스템이 같은 백업을 함께 쓰고 있습니다.' },
    operator: {
      en: 'Several machines write backups of the same name into one root; each is pruned for itself.',
      ko: '여러 시스템이 같은 이름의 백업을 한 위치에 저장하고 있으며, 시스템별로 따로 정리됩니다.',
    },
    remedy: {
      en: ['Give each machine a folder of its own (`backup.to`), or its source another `id`.'],
      ko: ['시스템마다 다른 폴더(`backup.to`)를 쓰거나 원본에 다른 `id`를 지정하십시오.'],
    },
  },
  'BAT-0510': {
    severity: 'WARN',
    retry: 'after_operator',
    autoAlert: false,
    user: { en: 'The list of backups is old.', ko: '백업 목록이 최신이 아닙니다.' },
    operator: {
      en: 'A run was killed before it could say what the backup roots hold; the list is of the run before.',
      ko: '실행이 강제 종료되어 백업 위치의 현재 상태를 남기지 못했습니다. 목록은 이전 실행의 것입니다.',
    },
    remedy: {
      en: [
        'Read the roots themselves: qts-ops backup list.',
        'The next run clears up what was left and renews the list; look in the record of the killed one for what ended it.',
      ],
      ko: [
        '백업 위치를 직접 확인하십시오: qts-ops backup list.',
        '다음 실행이 남은 것을 정리하고 목록을 갱신합니다. 강제 종료된 실행의 기록에서 원인을 확인하십시오.',
      ],
    },
  },
  'BAT-0530': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    user: { en: 'The backups take more room than they may.', ko: '백업이 허용된 용량을 넘었습니다.' },
    operator: {
      en: 'The backups of a source exceed their quota, and everything that is left must stay.',
      ko: '백업이 할당량을 초과했으며 남은 백업은 모두 보존해야 합니다.',
    },
    remedy: {
      en: [
        'Ask why each backup stays: qts-ops backup prune --dry-run.',
        'Enlarge `backup.keep.quota`, release holds that are over, or give rules of `retention` an `archiveDays`.',
      ],
      ko: [
        '각 백업이 보존되는 이유를 확인하십시오: qts-ops backup prune --dry-run.',
        '`backup.keep.quota`를 늘리거나, 끝난 보존 지정을 해제하거나, `retention` 규칙에 `archiveDays`를 지정하십시오.',
      ],
    },
  },
  'INP-0806': {
    ...refused,
    user: { en: 'No backup is configured.', ko: '백업이 설정되어 있지 않습니다.' },
    operator: {
      en: 'The config has no backup section, so there is no place to look for backups.',
      ko: '설정에 backup 항목이 없어 백업을 찾을 위치가 없습니다.',
    },
    remedy: {
      en: ['Add `backup: { to, sources }` to the config, or name a backup folder with --from.'],
      ko: ['설정에 `backup: { to, sources }`를 추가하거나 --from으로 백업 폴더를 지정하십시오.'],
    },
  },
  'INP-0807': {
    ...refused,
    user: { en: 'Nothing of the config does this.', ko: '설정에 이 작업을 하는 항목이 없습니다.' },
    operator: {
      en: 'An engine runs, and none of its targets does the act that was asked for.',
      ko: '엔진이 실행 중이지만 요청한 작업을 하는 대상이 없습니다.',
    },
    remedy: {
      en: [
        "Add a target for it to the config, such as target('backup', { on: onDemand(), run: keep('backup') }).",
        'Or do it in the process of the command: --here.',
      ],
      ko: [
        "설정에 대상을 추가하십시오. 예: target('backup', { on: onDemand(), run: keep('backup') }).",
        '또는 명령의 프로세스에서 실행하십시오: --here.',
      ],
    },
  },
  'INP-0808': {
    ...refused,
    user: { en: 'No source has such a file.', ko: '그런 파일이 있는 원본이 없습니다.' },
    operator: {
      en: 'A path lies in no source of the config, or is not there.',
      ko: '경로가 설정의 원본에 속하지 않거나 존재하지 않습니다.',
    },
    remedy: {
      en: ['Give the path of a file below one of the sources; `qts-ops maintenance plan` lists them.'],
      ko: ['원본 아래에 있는 파일의 경로를 지정하십시오. `qts-ops maintenance plan`이 원본을 표시합니다.'],
    },
  },
});
