import { defineErrors, type ErrorCode } from '../../kernel/define-errors.ts';
import {
  isOpsException,
  type OpsException,
  type OpsExceptionOptions,
  opsException,
} from '../../kernel/ops-exception.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';

const refused = { en: 'The request for a restore was refused.', ko: '복원 요청이 거절되었습니다.' };
const notRestored = { en: 'The restore did not complete.', ko: '복원이 완료되지 않았습니다.' };
const asked = { severity: 'WARN', retry: 'never', autoAlert: false, httpStatus: 400, cliExit: 2 } as const;
const failed = { severity: 'ERROR', retry: 'after_operator', autoAlert: false } as const;

/** How bringing files back, and trying it out, can fail. */
export const restoreErrors = defineErrors({
  'INP-0840': {
    ...asked,
    user: refused,
    operator: {
      en: 'The backup has no file that was asked for.',
      ko: '요청한 파일이 백업에 없습니다.',
    },
  },
  'INP-0841': {
    ...asked,
    user: refused,
    operator: {
      en: 'The folder cannot be the target of this restore.',
      ko: '이 폴더는 복원 대상이 될 수 없습니다.',
    },
  },
  'INP-0842': {
    ...asked,
    user: refused,
    operator: {
      en: 'No backup of that time or set is there to restore.',
      ko: '해당 시각이나 세트의 백업이 없습니다.',
    },
    remedy: {
      en: [
        'Name one of the sets of the message with --source, or a later time with --at.',
        'Look at what is there: qts-ops backup list; name the folder of other backups with --from.',
      ],
      ko: [
        '메시지에 나온 세트 가운데 하나를 --source로 지정하거나 더 늦은 시각을 --at으로 지정하십시오.',
        '있는 백업을 확인하십시오: qts-ops backup list. 다른 곳의 백업은 --from으로 폴더를 지정하십시오.',
      ],
    },
  },
  'INP-0843': {
    ...asked,
    user: { en: 'The restore drill was refused.', ko: '복원 훈련 요청이 거절되었습니다.' },
    operator: {
      en: 'A restore drill needs a folder of its own and at least one backup.',
      ko: '복원 훈련에는 전용 폴더와 하나 이상의 백업이 필요합니다.',
    },
  },
  'SYS-0180': {
    ...failed,
    severity: 'CRITICAL',
    autoAlert: true,
    user: notRestored,
    operator: {
      en: 'A backup does not hold what its manifest says, so it was not restored as a whole.',
      ko: '백업의 내용이 목록과 달라 전체를 복원하지 못했습니다.',
    },
    remedy: {
      en: [
        'Restore from an older backup or from the second copy: qts-ops backup list.',
        'To bring back every file that is still right, restore with --salvage into another folder; it lists the others.',
        'Make a new backup at once and check the disk (smartctl, dmesg).',
      ],
      ko: [
        '이전 백업이나 두 번째 복사본에서 복원하십시오: qts-ops backup list.',
        '온전한 파일만 되살리려면 다른 폴더에 --salvage로 복원하십시오. 나머지는 목록으로 표시됩니다.',
        '즉시 새 백업을 만들고 디스크를 점검하십시오(smartctl, dmesg).',
      ],
    },
  },
  'SYS-0181': {
    ...failed,
    retry: 'backoff',
    user: notRestored,
    operator: {
      en: 'The target of a restore has not enough free space; nothing was started.',
      ko: '복원 대상의 여유 공간이 부족하여 시작하지 않았습니다.',
    },
    remedy: {
      en: ['Free space on the disk of the target, choose another one, or ask for fewer files.'],
      ko: ['대상 디스크의 공간을 확보하거나 다른 디스크를 고르거나 더 적은 파일을 요청하십시오.'],
    },
  },
  'SYS-0182': {
    ...failed,
    retry: 'backoff',
    user: notRestored,
    operator: {
      en: 'The space of the target ran out; every file that has its name is whole.',
      ko: '대상의 공간이 모두 찼습니다. 이름이 붙은 파일은 모두 온전합니다.',
    },
    remedy: {
      en: ['Free space and restore again: files that are there are not written a second time.'],
      ko: ['공간을 확보한 뒤 다시 복원하십시오. 이미 있는 파일은 다시 쓰지 않습니다.'],
    },
  },
  'SYS-0183': {
    ...failed,
    retry: 'backoff',
    user: notRestored,
    operator: {
      en: 'The target of a restore could not be read or written.',
      ko: '복원 대상을 읽거나 쓰지 못했습니다.',
    },
    remedy: {
      en: [
        'Check owner and rights of the target, and whether its disk is read-only or failing (dmesg).',
        'Restore again: files that are there are not written a second time.',
      ],
      ko: [
        '대상의 소유자와 권한, 디스크가 읽기 전용이거나 고장인지 확인하십시오(dmesg).',
        '다시 복원하십시오. 이미 있는 파일은 다시 쓰지 않습니다.',
      ],
    },
  },
  'SYS-0184': {
    ...failed,
    user: notRestored,
    operator: {
      en: 'A file was not restored because its path is not safe in the target.',
      ko: '경로가 대상에서 안전하지 않아 파일을 복원하지 않았습니다.',
    },
    remedy: {
      en: [
        'Look at the named path: a link, or a file of another origin, is where a file or folder should be.',
        'Restore into a fresh folder, and find out who changes the target while it is restored.',
      ],
      ko: [
        '해당 경로를 확인하십시오. 파일이나 폴더가 있어야 할 곳에 링크나 다른 파일이 있습니다.',
        '새 폴더에 복원하고, 복원 중에 대상을 바꾸는 것이 무엇인지 찾으십시오.',
      ],
    },
  },
  'SYS-0185': {
    ...failed,
    user: notRestored,
    operator: {
      en: 'After the restore the target does not hold exactly the files that were asked for.',
      ko: '복원 후 대상의 파일이 요청한 것과 정확히 일치하지 않습니다.',
    },
    remedy: {
      en: ['Find out what else writes into the target, then restore into a fresh folder.'],
      ko: ['대상에 쓰는 다른 프로그램을 찾은 뒤 새 폴더에 복원하십시오.'],
    },
  },
  'SYS-0186': {
    ...failed,
    severity: 'CRITICAL',
    autoAlert: true,
    user: { en: 'A restore drill failed.', ko: '복원 훈련이 실패했습니다.' },
    operator: {
      en: 'A restore drill could not bring a backup back as it should be.',
      ko: '복원 훈련에서 백업을 제대로 되살리지 못했습니다.',
    },
    remedy: {
      en: [
        'Make a new backup at once and drill again: qts-ops backup run, then qts-ops drill.',
        'Check the disk of the backups (smartctl, dmesg).',
        'Until a drill passes, take it that a restore would fail.',
      ],
      ko: [
        '즉시 새 백업을 만들고 다시 훈련하십시오: qts-ops backup run 후 qts-ops drill.',
        '백업 디스크를 점검하십시오(smartctl, dmesg).',
        '훈련이 통과할 때까지는 복원이 실패한다고 보십시오.',
      ],
    },
  },
  'SYS-0187': {
    ...failed,
    severity: 'WARN',
    autoAlert: true,
    user: { en: 'A restore drill is overdue.', ko: '복원 훈련을 한 지 오래되었습니다.' },
    operator: {
      en: 'No drill of the backups of a source has passed for longer than drillMaxAge.',
      ko: 'drillMaxAge보다 오랫동안 이 원본의 백업에 대한 복원 훈련이 통과하지 않았습니다.',
    },
    remedy: {
      en: [
        'Drill now: qts-ops drill. It reads the newest backups and writes nothing.',
        "Give the config a target that drills by itself: run: keep('drill').",
      ],
      ko: [
        '지금 훈련하십시오: qts-ops drill. 최신 백업을 읽기만 하고 아무것도 쓰지 않습니다.',
        "설정에 스스로 훈련하는 대상을 추가하십시오: run: keep('drill').",
      ],
    },
  },
});

/** A declared failure of this chapter. */
export function restoreError(
  code: keyof typeof restoreErrors & ErrorCode,
  message: string,
  options: OpsExceptionOptions = {},
): OpsException {
  return opsException(code, message, options);
}

/** Does work on the target, or on one file in it; what the system says about it comes out declared. */
export function guardTarget<T>(target: string, work: () => T, path?: string): T {
  try {
    return work();
  } catch (error) {
    throw targetError(target, error, path);
  }
}

/** The declared error for a failure of the target, or of one file in it; a declared one goes through. */
export function targetError(target: string, error: unknown, path?: string): unknown {
  const code = systemCode(error);
  if (isOpsException(error) || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const linked = code === 'ELOOP' || code === 'ENOTDIR';
  const message = `restore into ${target}: ${path === undefined ? '' : `${path}: `}${problemText(error)}`;
  return restoreError(full ? 'SYS-0182' : linked ? 'SYS-0184' : 'SYS-0183', message, {
    data: { target, code, ...(path === undefined ? {} : { path }) },
    cause: error,
  });
}

/** True for a failure of the backup itself, which a salvage steps over; false for one of the target. */
export function isContentFailure(error: unknown): boolean {
  if (isOpsException(error)) return CONTENT_CODES.has(error.code);
  const code = systemCode(error);
  return code !== undefined && /^E[A-Z0-9]+$/.test(code);
}

const CONTENT_CODES: ReadonlySet<string> = new Set([
  ...['SYS-0104', 'SYS-0120', 'SYS-0121', 'SYS-0122', 'SYS-0142', 'SYS-0143', 'SYS-0180'],
]);
