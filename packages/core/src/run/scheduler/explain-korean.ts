import type { TimeSpan, TimesShape, ValuesShape } from './cron-shape.ts';
import type { DatesItem, DaysShape, MonthsShape, WeekdaysItem } from './day-shape.ts';
import { koreanNotes } from './explain-korean-notes.ts';
import { type CronShape, clockText, intervalClocks, type ScheduleWords } from './explain-words.ts';
import { koreanDuration, koreanOrdinal, weekdaySyllable } from './korean-names.ts';
import type { CronSchedule, IntervalSchedule } from './schedule.ts';

/** Schedules in Korean: days first, then times, as a timetable has them. */
export const koreanWords: ScheduleWords = {
  ...koreanNotes,
  interval: intervalText,
  cron: (schedule, shape) => `${cronText(schedule, shape)} (${schedule.timeZone})`,
};

function intervalText({ everyMs, mode, phaseMs, runOnStart }: IntervalSchedule): string {
  const start = runOnStart ? ', 엔진을 시작할 때도 한 번' : '';
  const every = koreanDuration(everyMs);
  if (mode === 'delay') return `이전 실행이 끝나고 ${every} 뒤${start}`;
  const clocks = intervalClocks(everyMs, phaseMs);
  const phase = phaseMs === 0 ? '' : `에서 ${koreanDuration(phaseMs)} 뒤`;
  const fixed =
    clocks === undefined
      ? `1970-01-01 00:00 UTC${phase} 기준`
      : `${clocks.times.join(', ')}${clocks.more ? ' …' : ''} UTC`;
  return `매 ${every}마다 (${fixed})${start}`;
}

function cronText({ dayMatch }: CronSchedule, { times, days }: CronShape): string {
  return [...daysText(days, times, dayMatch), timesText(times)].join(' ');
}

function timesText(times: TimesShape): string {
  switch (times.kind) {
    case 'every':
      return everyText(times.stepS, times.fromS);
    case 'clock': {
      const withSeconds = times.times.some((time) => time % 60 !== 0);
      return times.times.map((time) => clockText(time, withSeconds)).join(', ');
    }
    case 'spans':
      return spansText(times.stepS, times.spans);
    case 'parts':
      return partsText(times);
    default:
      return times satisfies never;
  }
}

function everyText(stepS: number, fromS: number): string {
  const second = fromS % 60;
  const ofSecond = second === 0 ? '' : ` ${second}초`;
  if (stepS === 3_600) return fromS === 0 ? '매시 정각' : `매시 ${Math.floor(fromS / 60)}분${ofSecond}`;
  if (stepS === 60) return `매분${ofSecond}`;
  if (stepS === 1) return '매초';
  const from = fromS === 0 && stepS < 3_600 ? '' : `(${clockText(fromS, second !== 0)}부터)`;
  return `매 ${koreanDuration(stepS * 1_000)}마다${from}`;
}

function spansText(stepS: number, spans: readonly TimeSpan[]): string {
  const withSeconds = spans.some(({ fromS, throughS }) => fromS % 60 !== 0 || throughS % 60 !== 0);
  const long = spans.filter(({ fromS, throughS }) => fromS !== throughS);
  const single = spans.filter(({ fromS, throughS }) => fromS === throughS);
  const ranges = long.map(({ fromS, throughS }) => {
    const through = clockText(throughS, withSeconds);
    return `${clockText(fromS, withSeconds)}부터 ${throughS < fromS ? '다음 날 ' : ''}${through}까지`;
  });
  const also = single.map(({ fromS }) => clockText(fromS, withSeconds)).join(', ');
  return `${ranges.join(', ')} ${koreanDuration(stepS * 1_000)}마다${also === '' ? '' : `, 그리고 ${also}`}`;
}

type Parts = Extract<TimesShape, { readonly kind: 'parts' }>;

function partsText({ seconds, minutes, hours }: Parts): string {
  const onTheMinute = seconds.kind === 'list' && seconds.values.length === 1 && seconds.values[0] === 0;
  if (onTheMinute) return within(hourPlace(hours), leadText(minutes, '분'));
  const hour = minutes.kind === 'all' && hours.kind === 'all' ? undefined : hourPlace(hours);
  const place = hour === undefined ? '매분' : `${hour.text}${hour.each ? ' ' : '의 '}${minutePlace(minutes)}`;
  return within({ text: place, each: minutes.kind === 'all' }, leadText(seconds, '초'));
}

interface Place {
  readonly text: string;
  /** True for `매시` and `매분`, which need no particle before a list. */
  readonly each: boolean;
}

interface Lead {
  readonly text: string;
  /** True for a distance (`15분마다`), false for named values (`0·7분`). */
  readonly isRate: boolean;
}

function within(place: Place, lead: Lead): string {
  if (place.each) return `${place.text} ${lead.text}`;
  return `${place.text}${lead.isRate ? '에' : '의'} ${lead.text}`;
}

function hourPlace(hours: ValuesShape): Place {
  switch (hours.kind) {
    case 'all':
      return { text: '매시', each: true };
    case 'list':
      return { text: `${hours.values.join('·')}시`, each: false };
    case 'range':
      return { text: `${hours.first}~${hours.last}시`, each: false };
    case 'steps':
      return { text: `${hours.first}~${hours.last}시(${hours.step}시간 간격)`, each: false };
    default:
      return hours satisfies never;
  }
}

function minutePlace(minutes: ValuesShape): string {
  switch (minutes.kind) {
    case 'all':
      return '매분';
    case 'list':
      return `${minutes.values.join('·')}분`;
    case 'range':
      return `${minutes.first}~${minutes.last}분`;
    case 'steps':
      return `${minutes.first}~${minutes.last}분(${minutes.step}분 간격)`;
    default:
      return minutes satisfies never;
  }
}

function leadText(shape: ValuesShape, unit: '분' | '초'): Lead {
  switch (shape.kind) {
    case 'all':
      return { text: `매${unit}`, isRate: true };
    case 'list':
      return { text: `${shape.values.join('·')}${unit}`, isRate: false };
    case 'range':
      return { text: `${shape.first}${unit}부터 ${shape.last}${unit}까지 매${unit}`, isRate: false };
    case 'steps':
      return shape.around && shape.first === 0
        ? { text: `${shape.step}${unit}마다`, isRate: true }
        : {
            text: `${shape.first}${unit}부터 ${shape.last}${unit}까지 ${shape.step}${unit}마다`,
            isRate: false,
          };
    default:
      return shape satisfies never;
  }
}

function daysText(days: DaysShape, times: TimesShape, dayMatch: CronSchedule['dayMatch']): readonly string[] {
  const { dates, weekdays, months } = days;
  if (dates !== undefined && weekdays !== undefined) {
    return [bothText(dates, weekdays, { months, dayMatch })];
  }
  if (dates !== undefined) return [`${monthWord(months)} ${dateList(dates)}`];
  if (weekdays !== undefined) return [weekdaysText(weekdays, months)];
  const every = times.kind === 'clock' ? ['매일'] : [];
  return [...(months === undefined ? [] : [monthWord(months)]), ...every];
}

function bothText(
  dates: readonly DatesItem[],
  weekdays: readonly WeekdaysItem[],
  {
    months,
    dayMatch,
  }: { readonly months: MonthsShape | undefined; readonly dayMatch: CronSchedule['dayMatch'] },
): string {
  if (dayMatch === 'and') {
    const date = dates.map(dateText).join(' 또는 ');
    return `${monthWord(months)} ${date}이면서 ${weekdayList(weekdays, ' 또는 ')}인 날`;
  }
  const either = `${monthWord(months)} ${dateList(dates)} 또는 ${eachWeek(weekdays)}`;
  return dayMatch === 'or' ? `${either}(하나만 맞아도)` : `${either}(둘 다 맞아야 하는지 미정)`;
}

/** `매월`, or `매년` with the months. */
function monthWord(months: MonthsShape | undefined): string {
  if (months === undefined) return '매월';
  if (months.kind === 'run') return `매년 ${months.first}월~${months.last}월`;
  return `매년 ${months.months.map((month) => `${month}월`).join('·')}`;
}

function dateList(dates: readonly DatesItem[]): string {
  return dates.map(dateText).join(', ');
}

function dateText(item: DatesItem): string {
  switch (item.kind) {
    case 'day':
      return `${item.day}일`;
    case 'days':
      return `${item.first}~${item.last}일`;
    case 'every':
      return `${item.first}~${item.last}일(${item.step}일 간격)`;
    case 'before-last':
      return item.daysBefore === 0 ? '말일' : `말일 ${item.daysBefore}일 전`;
    case 'nearest-weekday':
      return item.day === 'last' ? '마지막 평일' : `${item.day}일에서 가장 가까운 평일`;
    default:
      return item satisfies never;
  }
}

function weekdaysText(weekdays: readonly WeekdaysItem[], months: MonthsShape | undefined): string {
  const monthly = weekdays.some(({ kind }) => kind === 'last' || kind === 'nth');
  const text = eachWeek(weekdays);
  if (months !== undefined) return `${monthWord(months)} ${text}`;
  return monthly && !text.startsWith('매주') ? `매월 ${text}` : text;
}

/** Plain weekdays come every week, the others once a month. */
function eachWeek(weekdays: readonly WeekdaysItem[]): string {
  const list = weekdayList(weekdays);
  const [first] = weekdays;
  const plain = first?.kind === 'weekday' || first?.kind === 'weekdays';
  return !plain || /^(평일|주말)/.test(list) ? list : `매주 ${list}`;
}

/** Plain weekdays as one word, then those that occur once a month. */
function weekdayList(weekdays: readonly WeekdaysItem[], joint = ', '): string {
  const plain = weekdays.flatMap((item) => (item.kind === 'weekday' ? [item.weekday] : []));
  const [only] = weekdays;
  const days = plain.map(weekdaySyllable).join('·');
  const words = plain.join() === '6,0' ? '주말' : `${days}요일`;
  const run = only?.kind === 'weekdays' ? [runText(only)] : [];
  const others = weekdays.flatMap((item) => {
    if (item.kind === 'last') return [`마지막 ${weekdaySyllable(item.weekday)}요일`];
    return item.kind === 'nth' ? [`${koreanOrdinal(item.nth)} ${weekdaySyllable(item.weekday)}요일`] : [];
  });
  return [...run, ...(plain.length === 0 ? [] : [words]), ...others].join(joint);
}

function runText({ first, last }: Extract<WeekdaysItem, { readonly kind: 'weekdays' }>): string {
  if (first === 1 && last === 5) return '평일';
  return `${weekdaySyllable(first)}~${weekdaySyllable(last)}요일`;
}
