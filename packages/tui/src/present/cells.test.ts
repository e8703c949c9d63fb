import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, fitEnd, fitMiddle, fitStart, headOf, widthOf, wrapText, wrapWords } from './cells.ts';

const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });
const evilText = fc
  .array(
    fc.oneof(
      anyText,
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;title\u0007',
        '\u009b31m',
        '\u202e',
        '\u200b',
        '👨‍👩‍👧',
        '❤️',
        '한',
        '\r\n',
        '\t',
        '\u0000',
        '\ud800',
        '각',
      ),
    ),
  )
  .map((parts) => parts.join(''));

describe('cleaning of text from outside', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;a title\u0007after', 'after'],
    ['\u001b]8;;http://x\u001b\\link', 'link'],
    ['a\u001b[2J\u001b[Hb', 'ab'],
    ['one\ttwo\r\nthree', 'one two three'],
    ['a\u0007b\u0000c\u0085d', 'abcd'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['❤\ufe0f', '❤'],
    ['a\u200db', 'ab'],
    ['각', '각'],
    ['거래소', '거래소'],
  ])('turns %j into %j', (text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned);
  });

  it('leaves no control character and no escape', () => {
    fc.assert(
      fc.property(evilText, (text) => {
        expect(cleanText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('changes nothing when done twice', () => {
    fc.assert(
      fc.property(evilText, (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text));
      }),
    );
  });
});

describe('widths', () => {
  it('agree with the library that lays out the screen, for every letter that cleaning lets through', async () => {
    const inside = createRequire(createRequire(import.meta.url).resolve('ink'));
    const { default: stringWidth } = await import(inside.resolve('string-width'));
    const wrong: string[] = [];
    for (let point = 0x20; point <= 0x1ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const letter = cleanText(`a${String.fromCodePoint(point)}`).slice(1);
      if (letter !== '' && widthOf(letter) !== stringWidth(letter)) wrong.push(`U+${point.toString(16)}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['abc', 3],
    ['거래소', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['🚀', 2],
    ['①●▲✖', 4],
  ])('%s takes %i cells', (text, cells) => {
    expect(widthOf(text)).toBe(cells);
  });

  it('are exact after fitting, whatever the text', () => {
    fc.assert(
      fc.property(evilText, fc.integer({ min: 0, max: 80 }), (text, width) => {
        const cleaned = cleanText(text);
        for (const fit of [fitEnd, fitStart, fitMiddle]) expect(widthOf(fit(cleaned, width))).toBe(width);
        expect(widthOf(headOf(cleaned, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('are kept by wrapping, which loses nothing but spaces', () => {
    fc.assert(
      fc.property(evilText, fc.integer({ min: 2, max: 40 }), (text, width) => {
        const cleaned = cleanText(text);
        const pieces = wrapText(cleaned, width);
        expect(pieces.join('')).toBe(cleaned);
        for (const piece of [...pieces, ...wrapWords(cleaned, width)])
          expect(widthOf(piece)).toBeLessThanOrEqual(width);
        expect(wrapWords(cleaned, width).join('').replaceAll(' ', '')).toBe(cleaned.replaceAll(' ', ''));
      }),
    );
  });

  it('cut names in the middle, because they differ at their ends', () => {
    expect(fitMiddle('feed-heartbeat-kraken', 13)).toBe('feed-h~kraken');
  });
});
