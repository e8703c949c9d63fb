import { defineErrors } from '../../kernel/define-errors.ts';
import { type OpsException, opsException } from '../../kernel/ops-exception.ts';
import { type CalendarProblem, calendarProblemsText, shownValue } from './calendar-problems.ts';

/** What can be wrong with a trading calendar and with the terms that lean on it. */
export const calendarErrors = defineErrors({
  'INP-0701': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: { en: 'A calendar file cannot be used.', ko: '달력 파일을 사용할 수 없습니다.' },
    operator: { en: 'The calendar file has problems.', ko: '달력 파일에 문제가 있습니다.' },
    remedy: {
      en: ['Correct every listed line.', 'A calendar with problems is never used in part.'],
      ko: ['표시된 줄을 모두 고치십시오.', '문제가 있는 달력은 일부만 사용하지 않습니다.'],
    },
  },
  'INP-0702': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 404,
    cliExit: 2,
    user: { en: 'There is no such calendar.', ko: '해당 달력이 없습니다.' },
    operator: {
      en: 'The calendar is neither shipped nor a file of the configuration.',
      ko: '기본 제공 달력도, 설정에 등록된 달력 파일도 아닙니다.',
    },
    remedy: {
      en: ['Write a shipped name exactly, in capital letters, or add a calendar file to the configuration.'],
      ko: ['기본 제공 이름을 대문자로 정확히 쓰거나 설정에 달력 파일을 추가하십시오.'],
    },
  },
  'INP-0703': {
    severity: 'WARN',
    retry: 'never',
    autoAlert: false,
    user: { en: 'A trading calendar ends soon.', ko: '거래 달력이 곧 끝납니다.' },
    operator: {
      en: 'The data of a calendar end within 30 days; after that its targets no longer run.',
      ko: '달력 데이터가 30일 안에 끝나며, 그 후에는 이 달력을 쓰는 대상이 실행되지 않습니다.',
    },
    remedy: {
      en: ['Update qts-ops for a shipped calendar.', 'Add the sessions of the next year to your own file.'],
      ko: [
        '기본 제공 달력이면 qts-ops를 업데이트하십시오.',
        '직접 만든 파일이면 다음 해의 거래일을 추가하십시오.',
      ],
    },
  },
  'INP-0704': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: true,
    httpStatus: 422,
    user: {
      en: 'Work that follows a market is not running.',
      ko: '시장 일정을 따르는 작업이 실행되지 않고 있습니다.',
    },
    operator: {
      en: 'The date lies outside the data of the calendar, so nothing is a session.',
      ko: '날짜가 달력 데이터 범위를 벗어나 거래일로 인정되는 날이 없습니다.',
    },
    remedy: {
      en: [
        'Check the clock of the machine.',
        'Update qts-ops for a shipped calendar; add sessions to your own file, then restart.',
        'Start by hand what was skipped in the meantime.',
      ],
      ko: [
        '시스템 시각을 확인하십시오.',
        '기본 제공 달력이면 qts-ops를 업데이트하고, 직접 만든 파일이면 거래일을 추가한 뒤 다시 시작하십시오.',
        '그동안 건너뛴 작업을 수동으로 시작하십시오.',
      ],
    },
  },
  'INP-0705': {
    severity: 'ERROR',
    retry: 'after_operator',
    autoAlert: false,
    httpStatus: 422,
    cliExit: 2,
    user: {
      en: 'A time relative to a market session cannot be read.',
      ko: '장 시작·마감 기준 시각을 해석할 수 없습니다.',
    },
    operator: {
      en: "A window or an anchor of a calendar is not written like 'open-30m..close+15m' or 'close+5m'.",
      ko: "달력 구간이나 기준 시각이 'open-30m..close+15m', 'close+5m' 형식이 아닙니다.",
    },
    remedy: {
      en: [
        "Write 'open' or 'close', with + or - and a duration if wanted; '..' between the two ends of a window.",
      ],
      ko: ["'open' 또는 'close' 뒤에 필요하면 +나 -와 기간을 쓰고, 구간의 양 끝 사이에는 '..'을 쓰십시오."],
    },
  },
});

/** INP-0701 that lists every problem of a calendar file; `source` is the path or name an operator knows it by. */
export function unusableCalendar(source: string, problems: readonly CalendarProblem[]): OpsException {
  return opsException('INP-0701', calendarProblemsText(source, problems), {
    data: { source, problems: problems.map((problem) => ({ ...problem })) },
  });
}

/** INP-0702 that names the calendars there are. */
export function unknownCalendar(id: string, known: readonly string[]): OpsException {
  return opsException('INP-0702', `${shownValue(id)} is not a calendar; there are ${known.join(', ')}`, {
    data: { calendar: id, known },
  });
}

/** INP-0705 for a window or anchor that cannot be read. */
export function unreadableTerm(problem: CalendarProblem): OpsException {
  const { field, value, message, allowed, remedy } = problem;
  return opsException('INP-0705', `${field}: ${message}; allowed is ${allowed}; ${remedy}`, {
    data: { field, value, allowed, remedy },
  });
}
