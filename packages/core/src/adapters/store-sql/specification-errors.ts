import type { ErrorDefinition, ErrorSeverity, LocalText, RetryClass } from '../../kernel/define-errors.ts';

const DATA: LocalText = { en: 'The data could not be processed.', ko: '데이터를 처리하지 못했습니다.' };
const TEMPORARY: LocalText = {
  en: 'A source is not answering at the moment; please try again later.',
  ko: '데이터 제공처가 일시적으로 응답하지 않습니다. 잠시 후 다시 시도해 주세요.',
};
const PROCESSING: LocalText = { en: 'The processing did not succeed.', ko: '처리 중 문제가 발생했습니다.' };
const CHECKED: LocalText = {
  en: 'A check of the data did not pass.',
  ko: '데이터 점검을 통과하지 못했습니다.',
};
const SYSTEM: LocalText = { en: 'The service is being looked after.', ko: '서비스를 점검하고 있습니다.' };

/** The 17 codes of the specification's master table; our own codes name them as aliases where they mean the same. */
export const SPECIFICATION_ERRORS: ReadonlyArray<readonly [string, ErrorDefinition]> = [
  row('C1-INP-001', {
    severity: 'WARN',
    retry: 'after_data',
    user: DATA,
    cause: { en: 'A required input field is missing.', ko: '필수 입력 항목이 없습니다.' },
    guide: {
      en: 'Look at the source, complete it, then replay.',
      ko: '원본 데이터를 확인해 보완한 뒤 재처리합니다.',
    },
  }),
  row('C1-INP-002', {
    severity: 'WARN',
    retry: 'after_data',
    user: DATA,
    cause: { en: 'A date or a number is not written as expected.', ko: '날짜 또는 숫자의 형식이 다릅니다.' },
    guide: { en: 'Check the format of the input, then replay.', ko: '입력 형식을 검증한 뒤 재처리합니다.' },
  }),
  row('C1-INP-003', {
    severity: 'INFO',
    retry: 'after_data',
    user: DATA,
    cause: { en: 'A value lies outside its range.', ko: '값이 허용 범위를 벗어났습니다.' },
    guide: { en: 'Compare the value with related data.', ko: '관련 데이터와 비교해 값이 맞는지 확인합니다.' },
    silent: true,
  }),
  row('C1-EXT-001', {
    severity: 'ERROR',
    retry: 'backoff',
    user: TEMPORARY,
    cause: {
      en: 'An external API did not answer in time.',
      ko: '외부 API가 제한 시간 안에 응답하지 않았습니다.',
    },
    guide: {
      en: 'Check the state of the API, then run again.',
      ko: '외부 API 상태를 확인하고 다시 실행합니다.',
    },
  }),
  row('C1-EXT-002', {
    severity: 'ERROR',
    retry: 'backoff',
    user: TEMPORARY,
    cause: { en: 'An external API answered with a 5xx status.', ko: '외부 API가 5xx 상태로 응답했습니다.' },
    guide: { en: 'Check the server of the API.', ko: '외부 API 서버의 상태를 확인합니다.' },
  }),
  row('C1-EXT-003', {
    severity: 'WARN',
    retry: 'backoff',
    user: TEMPORARY,
    cause: { en: 'The price feed is late.', ko: '시세 수신이 늦어지고 있습니다.' },
    guide: { en: 'Ask the vendor about the delay.', ko: '시세 제공 업체에 지연 여부를 확인합니다.' },
  }),
  row('C1-BAT-001', {
    severity: 'ERROR',
    retry: 'after_operator',
    user: PROCESSING,
    cause: { en: 'A batch ended with an exception.', ko: '배치가 예외로 끝났습니다.' },
    guide: {
      en: 'Read the log of the execution and find the cause.',
      ko: '실행 로그를 읽고 원인을 분석합니다.',
    },
  }),
  row('C1-BAT-002', {
    severity: 'WARN',
    retry: 'after_operator',
    user: { en: 'The processing was stopped.', ko: '처리가 중단되었습니다.' },
    cause: { en: 'An operator stopped the batch.', ko: '운영자가 배치를 중지했습니다.' },
    guide: { en: 'Read the reason the operator gave.', ko: '운영자가 남긴 중지 사유를 확인합니다.' },
  }),
  row('C1-BAT-003', {
    severity: 'ERROR',
    retry: 'backoff',
    user: { en: 'The processing took too long.', ko: '처리 시간이 초과되었습니다.' },
    cause: { en: 'A batch exceeded its time limit.', ko: '배치가 제한 시간을 넘겼습니다.' },
    guide: {
      en: 'Compare the amount of data with usual days; split the work.',
      ko: '데이터 양을 확인하고 작업을 나눕니다.',
    },
  }),
  row('C1-DQ-001', {
    severity: 'ERROR',
    retry: 'after_data',
    user: CHECKED,
    cause: { en: 'The same record is present more than once.', ko: '같은 레코드가 중복되어 있습니다.' },
    guide: { en: 'Remove the duplicates, then replay.', ko: '중복을 제거한 뒤 재처리합니다.' },
  }),
  row('C1-DQ-002', {
    severity: 'ERROR',
    retry: 'after_data',
    user: CHECKED,
    cause: {
      en: 'A record refers to another one that does not exist.',
      ko: '참조하는 레코드가 존재하지 않습니다.',
    },
    guide: { en: 'Check the data the record refers to.', ko: '참조 대상 데이터를 확인합니다.' },
  }),
  row('C1-DQ-003', {
    severity: 'WARN',
    retry: 'after_data',
    user: CHECKED,
    cause: { en: 'Data of a required period is missing.', ko: '필요한 기간의 데이터가 없습니다.' },
    guide: { en: 'Load the missing period.', ko: '누락된 기간의 데이터를 적재합니다.' },
  }),
  row('C1-LOG-001', {
    severity: 'CRITICAL',
    retry: 'never',
    user: PROCESSING,
    cause: { en: 'A calculation gave an impossible result.', ko: '계산 결과가 비정상입니다.' },
    guide: { en: 'Review the logic of the calculation.', ko: '계산 로직을 검토합니다.' },
  }),
  row('C1-LOG-002', {
    severity: 'ERROR',
    retry: 'never',
    user: PROCESSING,
    cause: {
      en: 'The program took a branch that should be impossible.',
      ko: '예상하지 못한 분기가 실행되었습니다.',
    },
    guide: { en: 'Review the logic that leads to the branch.', ko: '해당 분기에 이르는 로직을 검토합니다.' },
  }),
  row('C1-SYS-001', {
    severity: 'CRITICAL',
    retry: 'backoff',
    user: SYSTEM,
    cause: { en: 'The database could not be reached.', ko: '데이터베이스에 연결하지 못했습니다.' },
    guide: { en: 'Check the database.', ko: '데이터베이스 상태를 확인합니다.' },
  }),
  row('C1-SYS-002', {
    severity: 'CRITICAL',
    retry: 'backoff',
    user: SYSTEM,
    cause: { en: 'Memory or disk space is used up.', ko: '메모리 또는 디스크가 부족합니다.' },
    guide: { en: 'Check memory and disk of the machine.', ko: '서버의 메모리와 디스크를 확인합니다.' },
  }),
  row('C1-SYS-003', {
    severity: 'ERROR',
    retry: 'backoff',
    user: SYSTEM,
    cause: { en: 'A file could not be read or written.', ko: '파일을 읽거나 쓰지 못했습니다.' },
    guide: { en: 'Check the file system and its permissions.', ko: '파일 시스템과 권한을 확인합니다.' },
  }),
];

interface Meaning {
  readonly severity: ErrorSeverity;
  readonly retry: RetryClass;
  readonly user: LocalText;
  readonly cause: LocalText;
  readonly guide: LocalText;
  /** Recorded without an alert. */
  readonly silent?: boolean;
}

function row(code: string, meaning: Meaning): readonly [string, ErrorDefinition] {
  const { severity, retry, user, cause, guide, silent = false } = meaning;
  const remedy = { en: [guide.en], ko: [guide.ko] };
  return [code, { severity, retry, autoAlert: !silent, user, operator: cause, remedy }];
}
