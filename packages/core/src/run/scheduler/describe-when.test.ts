import { describe, expect, it } from 'vitest';
import { testTarget } from '../../testing/test-targets.ts';
import { parseWindow } from '../calendars/session-terms.ts';
import { requireShippedCalendar } from '../calendars/shipped-calendars.ts';
import { DEFAULT_POLICIES, type Dependency } from '../targets/target-policies.ts';
import { describeWhen } from './describe-when.ts';

const calendar = requireShippedCalendar('XKRX');
const work = () => undefined;
const every = { kind: 'interval', everyMs: 1_000, mode: 'rate', phaseMs: 0, runOnStart: false } as const;

function waiting(on: Dependency['on'], ...ids: readonly string[]): string {
  const { schedule: _schedule, ...definition } = testTarget('t', work);
  return describeWhen({ ...definition, policies: { ...DEFAULT_POLICIES, dependency: { after: ids, on } } });
}

describe('when a target runs, short', () => {
  it('is its schedule, with the sessions that take slots away', () => {
    expect(describeWhen(testTarget('t', work))).toBe('every 1 s');
    const days = { ...every, sessions: { calendar } };
    expect(describeWhen(testTarget('t', work, { schedule: days }))).toBe('every 1 s on XKRX days');
    const hours = { ...every, sessions: { calendar, window: parseWindow('open-30m..close') } };
    expect(describeWhen(testTarget('t', work, { schedule: hours }))).toBe(
      'every 1 s in XKRX open-30m..close',
    );
  });

  it('is what comes first', () => {
    expect(waiting('success', 'a', 'b')).toBe('after a, b');
    expect(waiting('all-done', 'a', 'b')).toBe('after a, b (all done)');
    expect(waiting('any-failed', 'a')).toBe('after a (any failed)');
    const dependency = { after: ['a', 'b'], on: 'all-done', sameDayIn: 'Asia/Seoul' } as const;
    expect(describeWhen(testTarget('t', work, { policies: { dependency } }))).toBe(
      'after a, b on the same day (Asia/Seoul) (all done)',
    );
  });

  it('is nothing for a target that only an operator starts', () => {
    const { schedule: _schedule, ...onDemand } = testTarget('t', work);
    expect(describeWhen(onDemand)).toBe('on demand');
  });
});
