import { defineErrors, type ErrorCode } from '../../kernel/define-errors.ts';
import { type OpsException, type OpsExceptionOptions, opsException } from '../../kernel/ops-exception.ts';

const notMade = {
  en: 'A backup could not be made. Nothing was deleted.',
  ko: '백업을 만들지 못했습니다. 삭제된 것은 없습니다.',
};
const refused = { en: 'The request for a backup was refused.', ko: '백업 요청이 거절되었습니다.' };
const asked = { severity: 'WARN', retry: 'never', autoAlert: false, httpStatus: 400, cliExit: 2 } as const;
const failed = { severity: 'ERROR', retry: 'after_operator', autoAlert: true } as const;

/** How making, checking, listing and pruning backups can fail. */
export const backupErrors = defineErrors({
  'INP-0801': {
    ...asked,
    user: refused,
    operator: {
      en: 'The source and the backup folder are the same, or the source lies inside the backup folder.',
      ko: '원본과 백업 폴더가 같거나 원본이 백업 폴더 안에 있습니다.',
    },
  },
  'INP-0802': {
    ...asked,
    user: refused,
    operator: { en: 'A glob cannot be read.', ko: '글롭을 읽을 수 없습니다.' },
  },
  'INP-0803': {
    ...asked,
    user: refused,
    operator: {
      en: 'A setting of a backup or of its keep policy is out of range.',
      ko: '백업 또는 보관 정책의 설정값이 범위를 벗어났습니다.',
    },
  },
  'INP-0804': {
    ...asked,
    httpStatus: 404,
    user: refused,
    operator: { en: 'The backup folder has no such backup.', ko: '백업 폴더에 그런 백업이 없습니다.' },
    remedy: {
      en: [
        'Mount the disk of the backups, or name their folder with --from.',
        'Look at what is there: qts-ops backup list.',
      ],
      ko: [
        '백업 디스크를 마운트하거나 --from으로 백업 폴더를 지정하십시오.',
        '있는 백업을 확인하십시오: qts-ops backup list.',
      ],
    },
  },
  'INP-0805': {
    ...asked,
    user: refused,
    operator: {
      en: 'A file outside the source is to be backed up under a name that the source uses.',
      ko: '원본이 쓰는 이름으로 원본 밖의 파일을 백업하려고 합니다.',
    },
  },
  'BAT-0501': {
    ...failed,
    user: notMade,
    operator: {
      en: 'The source of a backup is missing or is not a folder.',
      ko: '백업 원본이 없거나 폴더가 아닙니다.',
    },
    remedy: {
      en: ['Check that the disk of the source is mounted and that the path is right.'],
      ko: ['원본 디스크가 마운트되어 있고 경로가 맞는지 확인하십시오.'],
    },
  },
  'BAT-0502': {
    ...failed,
    user: notMade,
    operator: {
      en: 'The source of a backup has no file that may be kept.',
      ko: '백업 원본에 보관할 파일이 하나도 없습니다.',
    },
    remedy: {
      en: [
        'Check that the disk of the source is mounted and that its files are where they should be.',
        'Check the globs of the plan, and the reasons of the files that were left out.',
      ],
      ko: [
        '원본 디스크가 마운트되어 있고 파일이 제자리에 있는지 확인하십시오.',
        '계획의 글롭과 제외된 파일의 사유를 확인하십시오.',
      ],
    },
  },
  'BAT-0503': {
    ...failed,
    user: notMade,
    operator: {
      en: 'A folder of the source could not be listed, so that files might have been missed.',
      ko: '원본의 폴더 하나를 읽지 못해 파일이 빠질 수 있습니다.',
    },
    remedy: {
      en: [
        'Give the account of the engine the right to read the folder.',
        'Or leave it out on purpose with a glob such as "!lost+found/**".',
      ],
      ko: [
        '엔진 계정에 폴더 읽기 권한을 주십시오.',
        '또는 "!lost+found/**" 같은 글롭으로 명시적으로 제외하십시오.',
      ],
    },
  },
  'BAT-0504': {
    ...failed,
    user: notMade,
    operator: {
      en: 'The backup folder is not the one used before: its mark is missing or differs.',
      ko: '백업 폴더가 이전에 쓰던 폴더가 아닙니다. 표식이 없거나 다릅니다.',
    },
    remedy: {
      en: [
        'Check that the disk of the backups is mounted.',
        'For a new disk on purpose: remove maintenance/known-backup-roots.json from the state folder and run again.',
      ],
      ko: [
        '백업 디스크가 마운트되어 있는지 확인하십시오.',
        '의도한 새 디스크라면 상태 폴더의 maintenance/known-backup-roots.json을 지우고 다시 실행하십시오.',
      ],
    },
  },
  'SYS-0104': {
    severity: 'CRITICAL',
    retry: 'backoff',
    autoAlert: true,
    user: { en: 'A backup could not be read back.', ko: '백업을 다시 읽지 못했습니다.' },
    operator: {
      en: 'A backup does not hold what its manifest says.',
      ko: '백업의 내용이 목록과 다릅니다.',
    },
    remedy: {
      en: [
        'Nothing is deleted on the strength of this backup. Make a new one at once: qts-ops backup run.',
        'Check the disk (smartctl, dmesg) before trusting it with another backup.',
        'Restore what is needed from an older backup or from the second copy.',
      ],
      ko: [
        '이 백업을 근거로 삭제되는 것은 없습니다. 즉시 새 백업을 만드십시오: qts-ops backup run.',
        '다른 백업을 맡기기 전에 디스크를 점검하십시오(smartctl, dmesg).',
        '필요한 것은 이전 백업이나 두 번째 복사본에서 복원하십시오.',
      ],
    },
  },
  'SYS-0140': {
    ...failed,
    retry: 'backoff',
    user: notMade,
    operator: {
      en: 'The backup folder has not enough free space; nothing was started.',
      ko: '백업 폴더의 여유 공간이 부족하여 시작하지 않았습니다.',
    },
    remedy: {
      en: ['Free space, prune backups (qts-ops backup prune), or use a larger disk.'],
      ko: ['공간을 확보하거나 백업을 정리하거나(qts-ops backup prune) 더 큰 디스크를 사용하십시오.'],
    },
  },
  'SYS-0141': {
    ...failed,
    retry: 'backoff',
    user: notMade,
    operator: {
      en: 'The space of the backup folder ran out; what was written has been removed.',
      ko: '백업 폴더의 공간이 모두 찼습니다. 쓰던 내용은 삭제했습니다.',
    },
    remedy: {
      en: ['Free space, prune backups (qts-ops backup prune), or use a larger disk.'],
      ko: ['공간을 확보하거나 백업을 정리하거나(qts-ops backup prune) 더 큰 디스크를 사용하십시오.'],
    },
  },
  'SYS-0142': {
    ...failed,
    retry: 'backoff',
    user: notMade,
    operator: {
      en: 'The backup folder could not be read or written.',
      ko: '백업 폴더를 읽거나 쓰지 못했습니다.',
    },
    remedy: {
      en: [
        'Check owner and rights of the backup folder, and whether its disk is read-only.',
        'Check the disk (dmesg): after an input/output error its content may not be trusted.',
      ],
      ko: [
        '백업 폴더의 소유자와 권한, 디스크가 읽기 전용인지 확인하십시오.',
        '디스크를 점검하십시오(dmesg). 입출력 오류 뒤에는 내용을 믿을 수 없습니다.',
      ],
    },
  },
  'SYS-0143': {
    ...failed,
    autoAlert: false,
    user: { en: 'A backup cannot be used.', ko: '백업을 사용할 수 없습니다.' },
    operator: {
      en: 'A manifest is damaged, incomplete, or of a newer version.',
      ko: '백업 목록이 손상되었거나 불완전하거나 더 새로운 버전입니다.',
    },
    remedy: {
      en: [
        'Use the version of qts-ops that wrote it, when the message names one.',
        'Otherwise use another backup, or the second copy of this one.',
      ],
      ko: [
        '메시지에 버전이 있으면 그 백업을 만든 qts-ops 버전을 사용하십시오.',
        '아니면 다른 백업이나 이 백업의 두 번째 복사본을 사용하십시오.',
      ],
    },
  },
  'SYS-0144': {
    ...failed,
    autoAlert: false,
    user: { en: 'Old backups could not be removed.', ko: '오래된 백업을 지우지 못했습니다.' },
    operator: {
      en: 'A file was not removed because it is not one of our own in the backup folder.',
      ko: '백업 폴더에 있는 우리 파일이 아니므로 지우지 않았습니다.',
    },
    remedy: {
      en: ['Look at the named path; it was left as it is.'],
      ko: ['해당 경로를 확인하십시오. 그대로 두었습니다.'],
    },
  },
});

/** A declared failure of this chapter. */
export function backupError(
  code: keyof typeof backupErrors & ErrorCode,
  message: string,
  options: OpsExceptionOptions = {},
): OpsException {
  return opsException(code, message, options);
}

/** The system's error code, such as `ENOSPC`; undefined for anything else that was thrown. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What an unknown thrown value says. */
export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
