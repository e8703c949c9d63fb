import { expect, it } from 'vitest';
import { PathSet } from './path-set.ts';

it('tells a hundred thousand similar paths apart and knows each of them again', () => {
  const paths = new PathSet();
  const names = Array.from({ length: 100_000 }, (_, index) => `raw/2026/${index % 1000}/${index}.jsonl`);
  expect(names.filter((name) => paths.has(name) || !paths.add(name))).toEqual([]);
  expect(names.filter((name) => !paths.has(name) || paths.add(name))).toEqual([]);
  for (const other of ['', 'raw', 'raw/2026/0/0.jsonl ', 'raw/2026/0/00.jsonl'])
    expect(paths.has(other)).toBe(false);
});
