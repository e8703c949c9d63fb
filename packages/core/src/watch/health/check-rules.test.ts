import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_STATUSES, type CheckStatus } from '../../ports/health-check.ts';
import { type CheckPolicyInput, checkPolicy } from './check-policy.ts';
import { firstState, judgeLook, wantsRetry } from './check-rules.ts';
import type { CheckState } from './check-state.ts';
import { parseThreshold } from './threshold-rules.ts';

const START_MS = Date.UTC(2026, 0, 5);
const LETTERS: Readonly<Record<string, CheckStatus>> = { p: 'pass', w: 'warn', u: 'unknown', f: 'fail' };

/** Judges looks one minute apart, a letter each, and gives the letter of the confirmed status after each. */
function walk(looks: string, input: CheckPolicyInput = {}) {
  const policy = checkPolicy('a', { flapping: false, ...input }, { intervalMs: 60_000, timeoutMs: 10_000 });
  let state = firstState('a', policy, START_MS);
  const causes: string[] = [];
  let statuses = '';
  for (const [index, letter] of [...looks].entries()) {
    const look = {
      status: LETTERS[letter] ?? 'pass',
      message: letter,
      atMs: START_MS + index * 60_000,
      durationMs: 1,
      attempt: 1,
    };
    const judged = judgeLook(state, look, { policy, maintenance: false });
    state = judged.state;
    causes.push(judged.because);
    statuses += state.settled ? state.status[0] : '.';
  }
  return { statuses, causes, state };
}

describe('confirming', () => {
  it.each<[string, CheckPolicyInput, string, string]>([
    ['three failures in a row, two successes', {}, 'pffpfffpfpp', 'ppppppffffp'],
    ['one failure is enough for one', { failuresToAlert: 1, successesToResolve: 1 }, 'pfp', 'pfp'],
    ['a first look that is bad is confirmed as any other', {}, 'ffff', '..ff'],
    ['a first look that is good needs no other', {}, 'pp', 'pp'],
    ['looks that are at least as bad count for the milder status', {}, 'pwfw', 'pppw'],
    ['a warning becomes a failure when enough looks fail', {}, 'pwwwfff', 'pppwwwf'],
    ['a failure becomes a warning when it gets better', {}, 'pfffwwpp', 'pppffwwp'],
    ['not being able to look is neither good nor a failure', {}, 'pfuf', 'pppu'],
    ['three of the last five', { mOfN: [3, 5] }, 'pfpfpfpppp', 'pppppffppp'],
    ['for: three minutes must pass', { failuresToAlert: 1, forMs: 180_000 }, 'pfffff', 'ppppff'],
    [
      'keep firing: three minutes of better looks',
      { failuresToAlert: 1, keepFiringForMs: 180_000 },
      'pfppppp',
      'pffffpp',
    ],
  ])('%s', (_, policy, looks, statuses) => {
    expect(walk(looks, policy).statuses).toBe(statuses);
  });

  it('says why: not yet, hard, recovered', () => {
    expect(walk('pfffpp').causes).toEqual([
      'first-pass',
      'confirming',
      'confirming',
      'hard-fail',
      'confirming',
      'recovered',
    ]);
  });

  it('wants to look again soon only while something is getting worse', () => {
    expect(wantsRetry(walk('pf').state)).toBe(true);
    expect(wantsRetry(walk('f').state)).toBe(true);
    expect(wantsRetry(walk('pfff').state)).toBe(false);
    expect(wantsRetry(walk('pfffp').state)).toBe(false);
    expect(wantsRetry(walk('').state)).toBe(false);
  });

  it('never confirms a status that no look has had, and ends where enough equal looks say', () => {
    const looks = fc.string({ unit: fc.constantFrom('p', 'w', 'u', 'f'), minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        looks,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (text, bad, good) => {
          const policy = { failuresToAlert: bad, successesToResolve: good };
          const { statuses } = walk(text, policy);
          for (const [index, status] of [...statuses].entries()) {
            if (status !== '.') expect(text.slice(0, index + 1)).toContain(status);
          }
          for (const letter of ['p', 'w', 'u', 'f']) {
            expect(walk(text + letter.repeat(5), policy).statuses.at(-1)).toBe(letter);
          }
        },
      ),
    );
  });
});

describe('flapping', () => {
  it('begins and ends once, and is told both times', () => {
    const { causes } = walk(`${'pf'.repeat(12)}${'p'.repeat(30)}`, {
      flapping: { high: 30, low: 25 },
      failuresToAlert: 3,
    });
    expect(causes.filter((cause) => cause.startsWith('flapping'))).toEqual([
      'flapping-started',
      'flapping-ended',
    ]);
    expect(causes.indexOf('flapping-started')).toBe(6);
  });

  it('does not count a steady state of any kind', () => {
    for (const status of CHECK_STATUSES) {
      const letter = Object.keys(LETTERS).find((one) => LETTERS[one] === status) ?? 'p';
      expect(walk(letter.repeat(40), { flapping: { high: 30, low: 25 } }).state.flapping).toBe(false);
    }
  });
});

describe('thresholds', () => {
  const policy = {
    ...checkPolicy('a', { failuresToAlert: 1 }, { intervalMs: 60_000, timeoutMs: 10_000 }),
    thresholds: { warn: parseThreshold('warn', 80), crit: parseThreshold('crit', { above: 95, clear: 90 }) },
  };
  const judge = (state: CheckState, value: number | undefined, status: CheckStatus = 'pass') => {
    const look = {
      status,
      message: 'm',
      atMs: START_MS,
      durationMs: 0,
      attempt: 1,
      ...(value === undefined ? {} : { value }),
    };
    return judgeLook(state, look, { policy, maintenance: false }).state;
  };

  it('make a look worse and never better; the critical one comes first', () => {
    const first = firstState('a', policy, START_MS);
    expect(judge(first, 81).last?.status).toBe('warn');
    expect(judge(first, 99).last?.status).toBe('fail');
    expect(judge(judge(first, 99), 91).last?.status).toBe('fail');
    expect(judge(judge(first, 99), 89).last?.status).toBe('warn');
    expect(judge(first, 10, 'fail').last?.status).toBe('fail');
    expect(judge(first, 10).last?.status).toBe('pass');
  });

  it('without a value a good look says nothing', () => {
    expect(judge(firstState('a', policy, START_MS), undefined).last).toMatchObject({ status: 'unknown' });
  });
});

describe('when something was last known', () => {
  it('is the last look that could look, whatever it found', () => {
    const policy = checkPolicy('a', {}, { intervalMs: 60_000, timeoutMs: 10_000 });
    const known = ['unknown', 'fail', 'unknown', 'pass', 'unknown', 'unknown'] as const;
    let state = firstState('a', policy, START_MS);
    const seen = known.map((status, index) => {
      const look = { status, message: '', atMs: START_MS + index, durationMs: 0, attempt: 1 };
      ({ state } = judgeLook(state, look, { policy, maintenance: false }));
      return state.lastKnownAtMs === undefined ? undefined : state.lastKnownAtMs - START_MS;
    });
    expect(seen).toEqual([undefined, 1, 1, 3, 3, 3]);
  });
});

describe('stretches of time', () => {
  it('never overlap, and cover everything between looks that are close enough', () => {
    const step = fc.tuple(
      fc.constantFrom(...CHECK_STATUSES),
      fc.integer({ min: -300_000, max: 400_000 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const rules = checkPolicy(
          'a',
          { failuresToAlert: 1, successesToResolve: 1 },
          { intervalMs: 60_000, timeoutMs: 10_000 },
        );
        let state = firstState('a', rules, START_MS);
        let atMs = START_MS;
        const spans = new Map<number, number>();
        for (const [status, moveMs, maintenance] of steps) {
          atMs += moveMs;
          const look = { status, message: '', atMs, durationMs: 0, attempt: 1 };
          const judged = judgeLook(state, look, { policy: rules, maintenance });
          for (const { fromMs, toMs } of judged.spans)
            spans.set(fromMs, Math.max(toMs, spans.get(fromMs) ?? toMs));
          state = judged.state;
        }
        const ordered = [...spans].sort(([a], [b]) => a - b);
        for (const [index, [fromMs, toMs]] of ordered.entries()) {
          expect(toMs).toBeGreaterThanOrEqual(fromMs);
          expect(toMs).toBeLessThanOrEqual(ordered[index + 1]?.[0] ?? toMs);
        }
      }),
    );
  });
});
