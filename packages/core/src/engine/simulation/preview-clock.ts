import type { LocalText } from '../../kernel/define-errors.ts';
import { formatExactDuration } from '../../kernel/duration.ts';
import { civilOfLocalMs } from '../../kernel/time/civil.ts';
import {
  type ClockChange,
  type ClockChangeEffect,
  clockChangeEffect,
  nextClockChanges,
} from '../../run/scheduler/clock-change.ts';
import type { Schedule } from '../../run/scheduler/schedule.ts';

/** A change of a zone's clock inside the previewed span. */
export interface PreviewedClockChange extends ClockChange {
  readonly timeZone: string;
  readonly text: LocalText;
}

/** What a clock change does to a target. */
export interface ClockNote {
  readonly kind: 'clock';
  readonly atMs: number;
  readonly effect: ClockChangeEffect['kind'];
  readonly text: LocalText;
}

/** More changes of one zone are not listed: 40 years' worth of a zone with two a year. */
const maxChanges = 80;

/** The changes of a zone's clock after `fromMs` up to `toMs`. */
export function clockChangesIn(
  timeZone: string,
  span: { readonly fromMs: number; readonly toMs: number },
): readonly PreviewedClockChange[] {
  return nextClockChanges(timeZone, span.fromMs, maxChanges)
    .filter(({ atMs }) => atMs <= span.toMs)
    .map((change) => ({ ...change, timeZone, text: changeText(timeZone, change) }));
}

/** What a clock change does to the slots of a schedule; absent when no slot of it is touched. */
export function clockNote(schedule: Schedule, change: ClockChange): ClockNote | undefined {
  if (schedule.kind !== 'cron') return undefined;
  const effect = clockChangeEffect(schedule, change);
  if (effect.kind === 'none' || effect.kind === 'real-time') return undefined;
  return { kind: 'clock', atMs: change.atMs, effect: effect.kind, text: effectText(effect) };
}

function changeText(timeZone: string, { fromLocalMs, toLocalMs }: ClockChange): LocalText {
  const by = formatExactDuration(Math.abs(toLocalMs - fromLocalMs));
  const [from, to] = [clockOf(fromLocalMs), clockOf(toLocalMs)];
  const forward = toLocalMs > fromLocalMs;
  return {
    en: `${timeZone}: the clock goes ${forward ? 'forward' : 'back'} ${by}, from ${from} to ${to}`,
    ko: `${timeZone}: 시계가 ${by} ${forward ? '앞으로' : '뒤로'} 이동합니다 (${from} → ${to})`,
  };
}

function effectText(effect: ClockChangeEffect): LocalText {
  const labels = effect.labels.map(clockOf);
  const more = effect.count - labels.length;
  const en = more > 0 ? `${labels.join(', ')} and ${more} more` : labels.join(', ');
  const ko = more > 0 ? `${labels.join(', ')} 외 ${more}개` : labels.join(', ');
  const to = clockOf(effect.toLocalMs);
  switch (effect.kind) {
    case 'joined':
      return {
        en: `the clock jumps over ${en}: one run at ${to} stands for what is left out`,
        ko: `${ko}은(는) 존재하지 않는 시각입니다: ${to}에 한 번 실행합니다`,
      };
    case 'left-out':
      return {
        en: `the clock jumps over ${en}: no run for it (dstGap: skip)`,
        ko: `${ko}은(는) 존재하지 않는 시각입니다: 실행하지 않습니다 (dstGap: skip)`,
      };
    default:
      return {
        en: `the clock shows ${en} twice: the run is the first time`,
        ko: `${ko}은(는) 두 번 나타나는 시각입니다: 첫 번째에만 실행합니다`,
      };
  }
}

function clockOf(localMs: number): string {
  const { hour, minute, second } = civilOfLocalMs(localMs);
  const parts = second === 0 ? [hour, minute] : [hour, minute, second];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
