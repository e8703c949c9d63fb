import type { ContractCase } from './contract-case.ts';

/** What became of one case. */
export interface CaseOutcome {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/** Runs cases one after another without a test runner; never rejects. */
export async function runCases(cases: readonly ContractCase[]): Promise<readonly CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (const { title, skip, run } of cases) {
    if (skip !== undefined) outcomes.push({ title, outcome: 'skipped', reason: skip });
    else {
      const outcome = await run().then(
        () => ({ title, outcome: 'passed' }) as const,
        (error: unknown) => ({ title, outcome: 'failed', reason: String(error) }) as const,
      );
      outcomes.push(outcome);
    }
  }
  return outcomes;
}
