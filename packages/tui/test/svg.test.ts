import { expect, it } from 'vitest';
import { svgOf } from './svg.ts';

it('a picture has one text for each run of one look, at its cell', () => {
  const svg = svgOf('ab\u001b[1;91mFAIL\u001b[0m <x>\n한\u001b[7m글\n가\u001b[0m', 20);
  expect(svg).toContain(
    '<text x="12" y="24.6" textLength="16.8" xml:space="preserve" fill="#d5dbe5">ab</text>',
  );
  expect(svg).toContain(
    '<text x="28.8" y="24.6" textLength="33.6" xml:space="preserve" fill="#ff7b72" font-weight="bold">FAIL</text>',
  );
  expect(svg).toContain('&lt;x&gt;');
  expect(svg).toContain('<rect x="12" y="44.8" width="16.8"');
  expect(svg).toContain('<rect x="28.8" y="28.4" width="16.8" height="16.4" fill="#d5dbe5"/>');
});
