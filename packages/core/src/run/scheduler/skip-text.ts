import type { LocalText } from '../../kernel/define-errors.ts';
import type { SkipReason } from '../executions/execution.ts';
import type { TargetDefinition } from '../targets/target.ts';
import { explainClosedSlot } from './session-slots.ts';

const reasonTexts: Readonly<Record<SkipReason, LocalText>> = {
  overlap: {
    en: 'the run before it was still going on, and the overlap policy lets no other start or wait',
    ko: '이전 실행이 아직 진행 중이며, 중복 정책상 더 시작하거나 대기할 수 없습니다',
  },
  backoff: {
    en: 'the target rests for a while after a failure',
    ko: '실패 후 잠시 쉬는 중입니다',
  },
  'breaker-open': {
    en: 'the target is suspended after failures in a row',
    ko: '연속 실패로 정지된 상태입니다',
  },
  missed: {
    en: 'nobody looked in time: the engine did not run or stood still for longer than the grace of the target',
    ko: '제때 확인되지 않았습니다. 엔진이 꺼져 있었거나 유예 시간보다 오래 멈춰 있었습니다',
  },
  calendar: { en: 'it lies outside the sessions of its calendar', ko: '달력의 거래 시간이 아닙니다' },
  paused: { en: 'an operator had paused the target', ko: '운영자가 일시 중지한 상태였습니다' },
  draining: { en: 'the engine was being ended', ko: '엔진이 종료되는 중이었습니다' },
  upstream: {
    en: 'a target that comes before it did not run or did not succeed',
    ko: '앞선 대상이 실행되지 않았거나 성공하지 못했습니다',
  },
  'pool-full': {
    en: 'too many runs were waiting for its pool',
    ko: '풀에서 대기 중인 실행이 너무 많았습니다',
  },
  duplicate: { en: 'the slot was on record already', ko: '이미 기록된 슬롯입니다' },
};

/** Why a slot was skipped, in one sentence part without a full stop: of a calendar with the day and its name. */
export function explainSkippedSlot(
  definition: TargetDefinition,
  reason: SkipReason,
  slotMs: number,
): LocalText {
  const { schedule, policies } = definition;
  if (reason === 'calendar' && schedule !== undefined) {
    return explainClosedSlot(schedule, slotMs) ?? reasonTexts.calendar;
  }
  if (reason !== 'upstream' || policies.dependency === undefined) return reasonTexts[reason];
  const parents = policies.dependency.after.join(', ');
  if (policies.dependency.on === 'any-failed') {
    return { en: `after ${parents}: nothing failed there`, ko: `선행 ${parents}: 실패가 없었습니다` };
  }
  return {
    en: `after ${parents}: that slot was skipped there or did not succeed`,
    ko: `선행 ${parents}: 해당 슬롯을 건너뛰었거나 성공하지 못했습니다`,
  };
}

/** Why a slot was skipped that the target before it had skipped, by what is said of the skip there. */
export function explainInherited(parentId: string, { en, ko }: LocalText): LocalText {
  return { en: `after ${parentId}, skipped there: ${en}`, ko: `선행 ${parentId} 건너뜀: ${ko}` };
}
