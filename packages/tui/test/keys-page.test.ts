import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { keysPage } from '../keys-page.ts';

it('the key reference in the docs is the key table of the program', () => {
  expect(readFileSync(new URL('../../../docs/reference/keys.md', import.meta.url), 'utf8')).toBe(keysPage());
});
