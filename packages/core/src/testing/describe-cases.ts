import { it } from 'vitest';
import type { ContractCase } from './contract-case.ts';

/** Makes a vitest test of every case; one that does not apply says why in its title. */
export function describeCases(cases: readonly ContractCase[]): void {
  for (const { title, skip, run } of cases) {
    it.skipIf(skip !== undefined)(skip === undefined ? title : `${title} (left out: ${skip})`, run);
  }
}
