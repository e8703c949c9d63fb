import { civilOfLocalMs } from '../../kernel/time/civil.ts';
import type { SessionAnchor } from '../calendars/calendar.ts';
import { formatWindow } from '../calendars/session-terms.ts';
import type { ClockChange, ClockChangeEffect } from './clock-change.ts';
import { localClockText, localDateText, type ScheduleWords, slotClockText } from './explain-words.ts';
import { koreanDuration } from './korean-names.ts';
import type { IntervalSchedule } from './schedule.ts';
import type { ScheduleHint } from './schedule-hints.ts';

/** The notes below a sentence, in Korean. */
export const koreanNotes = {
  intervalNotes,
  anchor: ({ calendar, anchor }) => `${calendar.id} 거래일마다 ${momentText(anchor)} (${calendar.timeZone})`,
  anchorNotes: ({ calendar }) => [
    '조기 폐장과 개장 지연도 반영합니다.',
    `${calendar.id} 거래일은 ${calendar.lastDate}까지 알려져 있으며, 그 후에는 실행하지 않습니다.`,
  ],
  hint: hintText,
  clockChange: (effect, zone) => `${changeText(effect, zone)}: ${effectText(effect, zone)}.`,
  sessions: ({ calendar, window }) =>
    window === undefined
      ? `${calendar.id} 거래일에만 실행하고 다른 슬롯은 건너뜁니다(calendar).`
      : `${calendar.id} 거래 시간 ${formatWindow(window)} 안에서만 실행하고 다른 슬롯은 건너뜁니다(calendar).`,
  untouched: (zone, changes) =>
    `${zone} 시계의 다음 변경(${changes.map(({ fromLocalMs }) => localDateText(fromLocalMs)).join(', ')})은 어떤 실행에도 영향을 주지 않습니다.`,
  steadyClock: (zone) => `앞으로 2년 동안 ${zone}의 시계는 바뀌지 않습니다.`,
  undecided: () =>
    "날짜와 요일이 모두 제한되어 있습니다. dayMatch에 'and'(둘 다 맞는 날) 또는 'or'(하나만 맞아도 되는 날, crontab 방식)를 적으십시오.",
  reading: (dayMatch, text, next) => {
    const dates = next.length === 0 ? '실행되는 날이 없습니다' : `다음 실행: ${next.join(', ')}`;
    return `'${dayMatch}'이면: ${text}. ${dates}.`;
  },
  never: () => '날짜와 요일을 모두 만족하는 날이 없어 한 번도 실행되지 않습니다.',
  unknownZone: (zone) => `'${zone}': 이런 시간대는 없습니다. Asia/Seoul, UTC와 같은 IANA 이름을 적으십시오.`,
} satisfies Omit<ScheduleWords, 'interval' | 'cron'>;

function intervalNotes({ mode, phaseMs }: IntervalSchedule): readonly string[] {
  const real = '실제로 흐른 시간을 따르므로 어떤 시간대의 시계가 바뀌어도 영향을 받지 않습니다.';
  if (mode === 'delay') {
    return [real, '표시된 시각은 실행이 곧바로 끝날 때의 것입니다. 실행이 길어지면 다음 실행도 늦어집니다.'];
  }
  const phase = '이 차이는 모든 서버에서, 다시 시작한 뒤에도 같습니다.';
  return phaseMs === 0 ? [real] : [real, phase];
}

function momentText({ edge, offsetMs }: SessionAnchor): string {
  const moment = edge === 'open' ? '개장' : '폐장';
  if (offsetMs === 0) return `${moment} 시각`;
  return `${moment} ${koreanDuration(Math.abs(offsetMs))} ${offsetMs < 0 ? '전' : '후'}`;
}

function hintText(hint: ScheduleHint): string {
  switch (hint.kind) {
    case 'uneven-step':
      return unevenText(hint);
    case 'months-left-out': {
      const months = hint.months.map((month) => `${month}월`).join(', ');
      return `${months}에는 그런 날이 없어 실행되지 않습니다.`;
    }
    case 'leap-years':
      return hint.only ? '윤년에만 실행됩니다.' : '2월에는 윤년에만 실행됩니다.';
    case 'fifth-weekday':
      return '해당 요일이 네 번뿐인 달은 건너뜁니다.';
    case 'nearest-weekday':
      return nearestText(hint.days);
    default:
      return hint satisfies never;
  }
}

function unevenText(hint: Extract<ScheduleHint, { readonly kind: 'uneven-step' }>): string {
  const { field, step, last, first, rest } = hint;
  switch (field) {
    case 'dayOfMonth':
      return `간격은 매월 새로 시작합니다. 31일까지 있는 달의 ${last}일에서 다음 달 ${first}일까지는 ${step}일이 아니라 ${rest}일입니다.`;
    case 'second':
      return `1분은 ${step}초로 나누어떨어지지 않습니다. ${last}초에서 다음 ${first}초까지는 ${step}초가 아니라 ${rest}초입니다.`;
    case 'minute':
      return `1시간은 ${step}분으로 나누어떨어지지 않습니다. ${last}분에서 다음 ${first}분까지는 ${step}분이 아니라 ${rest}분입니다.`;
    case 'hour':
      return `하루는 ${step}시간으로 나누어떨어지지 않습니다. ${last}시에서 다음 날 ${first}시까지는 ${step}시간이 아니라 ${rest}시간입니다.`;
    default:
      return field satisfies never;
  }
}

function nearestText(nearest: ReadonlyArray<number | 'last'>): string {
  const names = nearest.map((day) => (day === 'last' ? '말일' : `${day}일`)).join(', ');
  return `${names}이 토요일이면 전날 금요일, 일요일이면 다음 날 월요일에 실행하되 그 달을 벗어나지 않습니다. 평일은 월~금요일이며 공휴일은 빼지 않습니다.`;
}

function changeText({ fromLocalMs, toLocalMs }: ClockChange, zone: string): string {
  const date = localDateText(fromLocalMs);
  const toDate = localDateText(toLocalMs);
  const to = toDate === date ? localClockText(toLocalMs) : `${toDate} ${localClockText(toLocalMs)}`;
  const way = toLocalMs > fromLocalMs ? '앞당김' : '되돌림';
  return `${date} ${zone} 시계 ${localClockText(fromLocalMs)}→${to} ${way}`;
}

function effectText(effect: ClockChangeEffect, zone: string): string {
  const { kind, count, toLocalMs, fromLocalMs } = effect;
  const labels = labelsText(effect);
  switch (kind) {
    case 'none':
      return '영향을 받는 실행이 없습니다';
    case 'joined':
      return `없는 시각 ${labels} 대신 ${localClockText(toLocalMs)}에 ${count === 1 ? '' : '모아서 '}한 번 실행합니다`;
    case 'left-out':
      return `없는 시각 ${labels}에는 실행하지 않습니다`;
    case 'first-only':
      return `두 번 나타나는 시각 ${labels}에는 처음에만 실행합니다`;
    case 'real-time': {
      const what =
        toLocalMs > fromLocalMs ? `없는 시각 ${count}개` : `두 번 나타나는 시각 ${count}개는 두 번 다 실행`;
      return `실제로 흐른 시간을 따릅니다${neighboursText(effect, zone)} (${what})`;
    }
    default:
      return kind satisfies never;
  }
}

function labelsText({ labels, count, fromLocalMs, toLocalMs }: ClockChangeEffect): string {
  const changeDay = civilOfLocalMs(Math.min(fromLocalMs, toLocalMs)).day;
  const names = labels.map((label) => {
    const clock = localClockText(label);
    return civilOfLocalMs(label).day === changeDay ? clock : `${localDateText(label)} ${clock}`;
  });
  return count > names.length ? `${names.join(', ')} 외 ${count - names.length}개` : names.join(', ');
}

/** How far apart the runs around the change are in real time. */
function neighboursText({ beforeMs, afterMs }: ClockChangeEffect, zone: string): string {
  if (beforeMs === undefined || afterMs === undefined || afterMs - beforeMs > 86_400_000) return '';
  return `. ${slotClockText(beforeMs, zone)} 다음은 ${koreanDuration(afterMs - beforeMs)} 뒤 ${slotClockText(afterMs, zone)}`;
}
