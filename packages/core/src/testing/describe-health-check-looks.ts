import assert from 'node:assert/strict';
import { CHECK_STATUSES, type CheckFinding } from '../ports/health-check.ts';
import { endsWithin, until } from './contract-case.ts';
import type { CheckCase, HealthCheckContract, OnCheckStage } from './describe-health-check-cases.ts';

/** Longest time a check may go on after it was told to stop. */
const STOP_MS = 2_000;

const MEANINGS = {
  pass: 'says pass when all is well',
  warn: 'says warn when it is not quite well',
  fail: 'says fail when it is not well',
  unknown: 'says unknown, and not fail, when it cannot look',
} as const;

/** What a check finds, and how it behaves while it looks. */
export function checkLookCases<I>(
  contract: HealthCheckContract<I>,
  onStage: OnCheckStage<I>,
): readonly CheckCase[] {
  return [
    ...CHECK_STATUSES.map(
      (status): CheckCase => ({
        title: MEANINGS[status],
        needs: status,
        run: onStage(status, async ({ look }) => {
          const finding = await look();
          assert.equal(finding.status, status, finding.message);
        }),
      }),
    ),
    ...sameCases(onStage),
    ...stopCases(onStage),
    {
      title: 'leaves what it looks at as it was',
      run: async () => {
        for (const state of contract.states.filter((one) => one !== 'hang')) {
          await onStage(state, async ({ subject, look }) => {
            const before = subject.picture?.();
            await look();
            await look();
            assert.deepEqual(subject.picture?.(), before);
          })();
        }
      },
    },
  ];
}

function sameCases<I>(onStage: OnCheckStage<I>): readonly CheckCase[] {
  return [
    {
      title: 'finds the same again when nothing has changed',
      run: onStage('pass', async ({ look }) => {
        const first = await look();
        assert.deepEqual(outline(await look()), outline(first));
        assert.deepEqual(outline(await look({ attempt: 3, previous: first })), outline(first));
      }),
    },
    {
      title: 'finds the same again when it is not well',
      needs: 'fail',
      run: onStage('fail', async ({ look }) => {
        const first = await look();
        assert.deepEqual(outline(await look({ attempt: 2, previous: first })), outline(first));
      }),
    },
    {
      title: 'can look ten times at once',
      run: onStage('pass', async ({ look }) => {
        const findings = await Promise.all(Array.from({ length: 10 }, () => look()));
        assert.deepEqual([...new Set(findings.map(({ status }) => status))], ['pass']);
      }),
    },
    {
      title: 'goes on looking after something was not well',
      needs: 'fail',
      run: onStage('fail', async ({ look }) => {
        for (let count = 0; count < 5; count += 1) assert.equal((await look()).status, 'fail');
      }),
    },
  ];
}

function stopCases<I>(onStage: OnCheckStage<I>): readonly CheckCase[] {
  return [
    {
      title: 'ends at once when it was stopped before it began',
      run: onStage('pass', async ({ look }) => {
        await endsWithin(look({ signal: AbortSignal.abort() }), STOP_MS);
      }),
    },
    {
      title: 'stops soon when it is told to while it waits, and does not call that pass',
      needs: 'hang',
      run: onStage('hang', async ({ look, subject }) => {
        const controller = new AbortController();
        const looking = look({ signal: controller.signal });
        const { looks } = subject;
        if (looks !== undefined) await until(() => looks() > 0, 'the check begins to look');
        controller.abort();
        assert.notEqual((await endsWithin(looking, STOP_MS)).status, 'pass');
      }),
    },
  ];
}

/** What of a finding may not change by itself: measured numbers may. */
function outline({ status, unit, observations = [] }: CheckFinding): unknown {
  return { status, unit, observations: observations.map(({ id }) => id) };
}
