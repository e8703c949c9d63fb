import { it } from 'vitest';
import type { ContractCase } from './contract-case.ts';

/** Makes a vitest test of every case. */
export function describeCases(cases: readonly ContractCase[]): void {
  for (const { title, skip, run } of cases) {
    if (skip === undefined) it(title, run);
    else it(title, (test) => test.skip(skip));
  }
}
