import { defineErrors } from '../../kernel/define-errors.ts';

const refused = {
  en: 'The request to clean up was refused. Nothing was deleted.',
  ko: '정리 요청이 거절되었습니다. 삭제된 것은 없습니다.',
};
const asked = { severity: 'WARN', retry: 'never', autoAlert: false, httpStatus: 400, cliExit: 2 } as const;
const nothing = {
  en: 'Old data could not be cleaned up. Nothing was deleted.',
  ko: '오래된 데이터를 정리하지 못했습니다. 삭제된 것은 없습니다.',
};
const stopped = {
  en: 'Cleaning up old data stopped before its end.',
  ko: '오래된 데이터 정리가 끝나기 전에 중단되었습니다.',
};

/** How rules can be wrong, and how deleting can be refused or stopped. */
export const retentionErrors = defineErrors({
  'INP-0820': {
    ...asked,
    user: refused,
    operator: { en: 'A rule of retention has a bad value.', ko: '보존 규칙의 값이 잘못되었습니다.' },
  },
  'INP-0821': {
    ...asked,
    user: refused,
    operator: {
      en: 'A number of days to keep is not more than 0.',
      ko: '보존 일수가 0보다 크지 않습니다.',
    },
  },
  'INP-0822': {
    ...asked,
    user: refused,
    operator: {
      en: 'A hold has no glob, no reason, no owner, or an end that is no instant.',
      ko: '보존 고정에 글롭, 사유, 담당자가 없거나 종료 시각이 잘못되었습니다.',
    },
  },
  'INP-0823': {
    ...asked,
    httpStatus: 404,
    user: refused,
    operator: { en: 'No hold that stands has this id.', ko: '해당 ID의 유효한 고정이 없습니다.' },
  },
  'INP-0824': {
    ...asked,
    user: refused,
    operator: {
      en: 'Deleting was asked for without a verified backup, or with one of another run or folder.',
      ko: '검증된 백업 없이, 또는 다른 실행이나 폴더의 백업으로 삭제를 요청했습니다.',
    },
  },
  'SYS-0160': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: true,
    user: nothing,
    operator: {
      en: 'The data set could not be read whole: it is missing, or a folder in it cannot be listed.',
      ko: '데이터 세트를 모두 읽지 못했습니다. 폴더가 없거나 일부를 나열할 수 없습니다.',
    },
    remedy: {
      en: [
        'Check that the disk is mounted and that the account of the engine may read every folder.',
        'Nothing is deleted until the whole data set can be read; the next run tries again.',
      ],
      ko: [
        '디스크가 마운트되어 있고 엔진 계정이 모든 폴더를 읽을 수 있는지 확인하십시오.',
        '데이터 세트를 모두 읽을 때까지 아무것도 삭제하지 않으며 다음 실행에서 다시 시도합니다.',
      ],
    },
  },
  'SYS-0161': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    user: stopped,
    operator: {
      en: 'The journal of deletions, the holds or the cleanup log could not be written or read.',
      ko: '삭제 기록, 보존 고정 또는 정리 로그를 쓰거나 읽지 못했습니다.',
    },
    remedy: {
      en: [
        'Check the room and the rights of the state folder.',
        'No file is deleted that is not in the journal first; the next run goes on.',
      ],
      ko: [
        '상태 폴더의 공간과 권한을 확인하십시오.',
        '기록되지 않은 파일은 삭제하지 않으며 다음 실행에서 계속합니다.',
      ],
    },
  },
  'BAT-0520': {
    severity: 'CRITICAL',
    retry: 'backoff',
    autoAlert: true,
    user: nothing,
    operator: {
      en: 'The backup of a maintenance run failed, so nothing was deleted.',
      ko: '유지보수 실행의 백업이 실패하여 아무것도 삭제하지 않았습니다.',
    },
    remedy: {
      en: [
        'The message names what failed: repair it by the page of its code.',
        'Data stays until a backup succeeds; watch the room of its disk meanwhile.',
      ],
      ko: [
        '메시지에 실패한 원인이 있습니다. 해당 코드 문서에 따라 고치십시오.',
        '백업이 성공할 때까지 데이터는 남아 있으므로 디스크 공간을 지켜보십시오.',
      ],
    },
  },
  'BAT-0521': {
    severity: 'WARN',
    retry: 'never',
    autoAlert: true,
    user: {
      en: 'Unusually much data is due for deletion; it is deleted bit by bit.',
      ko: '삭제 대상이 평소보다 많아 나누어 삭제합니다.',
    },
    operator: {
      en: 'More files expired than one run may delete; the oldest went, the next runs go on.',
      ko: '한 번에 삭제할 수 있는 수보다 많은 파일이 만료되었습니다. 오래된 것부터 나누어 삭제합니다.',
    },
  },
  'BAT-0522': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: true,
    user: nothing,
    operator: {
      en: 'A file that was due for deletion could not be read or verified, so nothing was deleted.',
      ko: '삭제 대상 파일 하나를 읽거나 검증할 수 없어 아무것도 삭제하지 않았습니다.',
    },
    remedy: {
      en: [
        'Look at the cleanup log for the file, and repair its rights or its disk.',
        'Or let the run delete what is verified: deleteVerifiedSubset.',
      ],
      ko: [
        '정리 로그에서 파일을 확인하고 권한이나 디스크를 고치십시오.',
        '또는 deleteVerifiedSubset으로 검증된 파일만 삭제하게 하십시오.',
      ],
    },
  },
  'BAT-0523': {
    severity: 'WARN',
    retry: 'never',
    autoAlert: true,
    user: nothing,
    operator: {
      en: 'The clock jumped since the last run, so this run deleted nothing; the next one goes on.',
      ko: '지난 실행 이후 시계가 크게 바뀌어 이번에는 삭제하지 않았습니다. 다음 실행에서 계속합니다.',
    },
  },
  'BAT-0524': {
    severity: 'WARN',
    retry: 'never',
    autoAlert: true,
    user: nothing,
    operator: {
      en: 'The rules of retention changed, so this run only showed what they would delete; the next one deletes.',
      ko: '보존 규칙이 바뀌어 이번에는 삭제 대상을 표시만 했습니다. 다음 실행에서 삭제합니다.',
    },
  },
  'BAT-0525': {
    severity: 'WARN',
    retry: 'never',
    autoAlert: true,
    user: {
      en: 'Old data was deleted, and its only copy is on the same disk.',
      ko: '오래된 데이터를 삭제했으며 유일한 사본이 같은 디스크에 있습니다.',
    },
    operator: {
      en: 'Files were deleted on the strength of a single copy on the same disk.',
      ko: '같은 디스크의 단일 사본만으로 파일을 삭제했습니다.',
    },
  },
  'BAT-0526': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    user: stopped,
    operator: {
      en: 'The verified backup changed or vanished while files were deleted on its strength; deleting stopped.',
      ko: '삭제 중에 검증된 백업이 바뀌거나 사라져 삭제를 중단했습니다.',
    },
    remedy: {
      en: [
        'Find out who changed the backup folder, and verify the newest backups.',
        'The cleanup log names what was deleted before; the journal names the backup that holds it.',
      ],
      ko: [
        '백업 폴더를 바꾼 원인을 찾고 최신 백업을 검증하십시오.',
        '이미 삭제된 파일은 정리 로그에, 그것을 보관한 백업은 기록에 있습니다.',
      ],
    },
  },
  'BAT-0527': {
    severity: 'WARN',
    retry: 'never',
    autoAlert: true,
    user: { en: 'Some old data could not be cleaned up.', ko: '오래된 데이터 일부를 정리하지 못했습니다.' },
    operator: {
      en: 'Files that were due for deletion were kept by the proof at the moment of deleting.',
      ko: '삭제 직전의 확인에서 일부 파일을 보존했습니다.',
    },
  },
  'BAT-0528': {
    severity: 'INFO',
    retry: 'backoff',
    autoAlert: false,
    user: stopped,
    operator: {
      en: 'Deleting took longer than a verification is good for; the next run goes on.',
      ko: '삭제가 검증 유효 시간을 넘겨 중단되었습니다. 다음 실행에서 계속합니다.',
    },
  },
  'BAT-0529': {
    severity: 'INFO',
    retry: 'never',
    autoAlert: false,
    user: stopped,
    operator: {
      en: 'Deleting was asked to end; what was under way was finished, the next run goes on.',
      ko: '삭제 중지 요청을 받아 진행 중인 묶음까지만 처리했습니다. 다음 실행에서 계속합니다.',
    },
  },
});
