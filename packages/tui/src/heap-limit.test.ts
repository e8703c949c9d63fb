import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** How large the young part of the heap became, MiB, while much was made and some of it lived for a while; a small machine has the same room as a large one. */
function youngAfterWork(look: string): number {
  const program = `
    import v8 from 'node:v8';
    import { HeapLimit } from ${JSON.stringify(new URL('heap-limit.ts', import.meta.url).href)};
    const heap = new HeapLimit();
    const kept = [];
    for (let n = 0; n < 4_000; n++) {
      kept[n % 200] = Array.from({ length: 2_000 }, (_, at) => ({ at }));
      ${look}
    }
    const young = v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    console.log(young.space_size / 1_048_576);
  `;
  // A flag of the outer process must not decide.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const output = execFileSync(
    process.execPath,
    ['--max-semi-space-size=32', '--input-type=module', '-e', program],
    {
      env,
      encoding: 'utf8',
    },
  );
  return Number(output);
}

it('the young part of the heap stops growing where it is told to, without any flag at the start', () => {
  expect(youngAfterWork('')).toBeGreaterThan(20);
  expect(youngAfterWork('heap.look();')).toBeLessThanOrEqual(17);
});
