import { expect, it } from 'vitest';
import { compileKeywords } from './path-keyword.ts';

it('finds a keyword however its letters are composed, and as a whole word only', () => {
  for (const word of ['결정'.normalize('NFC'), '결정'.normalize('NFD')]) {
    const matches = compileKeywords([word]);
    for (const path of ['결정/a.jsonl', 'x/결정_1.jsonl', 'x/결정서.jsonl'].map((one) =>
      one.normalize('NFD'),
    ))
      expect({ path, matches: matches(path) }).toEqual({
        path,
        matches: !path.includes('서'.normalize('NFD')),
      });
  }
});
