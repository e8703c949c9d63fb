import { defineErrors } from '../../kernel/define-errors.ts';

const notRecorded = {
  en: 'The operations record is not available at the moment.',
  ko: '운영 기록을 지금 사용할 수 없습니다.',
} as const;

/** What can go wrong between the engine and its database. */
export const storeErrors = defineErrors({
  'SYS-0101': {
    severity: 'CRITICAL',
    retry: 'backoff',
    autoAlert: true,
    user: notRecorded,
    operator: {
      en: 'The database file could not be opened, read or written.',
      ko: '데이터베이스 파일을 열거나 읽거나 쓸 수 없습니다.',
    },
    remedy: {
      en: [
        'Check that the state folder exists and belongs to the user that runs qts-ops.',
        'Check that the file system is mounted writable and reports no I/O errors.',
        'Start qts-ops again.',
      ],
      ko: [
        '상태 폴더가 있고 qts-ops를 실행하는 사용자의 소유인지 확인합니다.',
        '파일 시스템이 쓰기 가능하게 마운트되어 있고 I/O 오류가 없는지 확인합니다.',
        'qts-ops를 다시 시작합니다.',
      ],
    },
    httpStatus: 503,
    aliases: ['C1-SYS-001'],
  },
  'SYS-0102': {
    severity: 'WARN',
    retry: 'backoff',
    autoAlert: false,
    user: notRecorded,
    operator: {
      en: 'Another process holds the write lock of the database file.',
      ko: '다른 프로세스가 데이터베이스 파일의 쓰기 잠금을 잡고 있습니다.',
    },
    remedy: {
      en: ['End the other program that has the file open (fuser names it); only the daemon may write to it.'],
      ko: ['파일을 열고 있는 다른 프로그램을 끝냅니다(fuser로 찾을 수 있음). 데몬만 이 파일에 써야 합니다.'],
    },
    httpStatus: 503,
  },
  'SYS-0103': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    user: notRecorded,
    operator: {
      en: 'The database file is damaged or is not a qts-ops database. It was not changed.',
      ko: '데이터베이스 파일이 손상되었거나 qts-ops 데이터베이스가 아닙니다. 파일은 변경하지 않았습니다.',
    },
    remedy: {
      en: [
        'Check that the path names the right file.',
        'Move the file, its -wal and its -shm aside together and keep them.',
        'Put back the newest good backup or a copy named .before-NNNN, or start with an empty state folder.',
      ],
      ko: [
        '경로가 올바른 파일을 가리키는지 확인합니다.',
        '파일과 -wal, -shm 파일을 함께 다른 곳으로 옮겨 보관합니다.',
        '가장 최근의 정상 백업 또는 .before-NNNN 사본을 되돌려 놓거나 빈 상태 폴더로 시작합니다.',
      ],
    },
    httpStatus: 503,
  },
  'SYS-0105': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    user: notRecorded,
    operator: {
      en: 'The database was written by a newer qts-ops than this one. It was not changed.',
      ko: '이 데이터베이스는 더 새로운 qts-ops가 작성했습니다. 파일은 변경하지 않았습니다.',
    },
    remedy: {
      en: ['Start the newer qts-ops again, or put back the copy named .before-NNNN that fits this version.'],
      ko: ['새 버전의 qts-ops를 다시 실행하거나 이 버전에 맞는 .before-NNNN 사본을 되돌려 놓습니다.'],
    },
    httpStatus: 503,
  },
  'SYS-0106': {
    severity: 'ERROR',
    retry: 'never',
    autoAlert: true,
    user: {
      en: 'The change was not recorded because it breaks a rule of the operations record.',
      ko: '운영 기록의 규칙에 어긋나 변경이 기록되지 않았습니다.',
    },
    operator: {
      en: 'The database refused a change that breaks one of its rules; nothing of the commit was written.',
      ko: '데이터베이스가 규칙에 어긋나는 변경을 거부했습니다. 해당 커밋은 전혀 기록되지 않았습니다.',
    },
    remedy: {
      en: [
        'The named rule says which promise was broken; report it as a defect together with the log of this moment.',
      ],
      ko: ['표시된 규칙이 어떤 약속이 깨졌는지 알려 줍니다. 이 시점의 로그와 함께 결함으로 보고합니다.'],
    },
  },
  'SYS-0107': {
    severity: 'CRITICAL',
    retry: 'after_operator',
    autoAlert: true,
    user: notRecorded,
    operator: {
      en: 'The database could not be brought to the schema of this version; the old schema is still in place.',
      ko: '데이터베이스를 이 버전의 스키마로 바꾸지 못했습니다. 이전 스키마가 그대로 남아 있습니다.',
    },
    remedy: {
      en: [
        'Free disk space or fix the named cause, then start again; the copy named .before-NNNN holds the old state.',
      ],
      ko: [
        '디스크 공간을 확보하거나 표시된 원인을 고친 뒤 다시 시작합니다. .before-NNNN 사본에 이전 상태가 있습니다.',
      ],
    },
    httpStatus: 503,
  },
  'SYS-0302': {
    severity: 'CRITICAL',
    retry: 'backoff',
    autoAlert: true,
    user: notRecorded,
    operator: {
      en: 'The disk that holds the operations record is full.',
      ko: '운영 기록이 있는 디스크가 가득 찼습니다.',
    },
    remedy: {
      en: [
        'Free space on the file system of the state folder.',
        'qts-ops goes on by itself once it can write.',
      ],
      ko: [
        '상태 폴더가 있는 파일 시스템의 공간을 확보합니다.',
        '쓸 수 있게 되면 qts-ops가 스스로 계속합니다.',
      ],
    },
    httpStatus: 503,
    aliases: ['C1-SYS-002'],
  },
});
