import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../kernel/secret.ts';
import { OutputCapture } from './output-capture.ts';

const secret = (value: string) => new Secret('TEST', value);
/** A text cut at any places. */
const cutAt = (text: string, places: readonly number[]) => {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
};
const captured = (pieces: readonly string[], secrets: readonly string[] = [], maxBytes?: number) => {
  const capture = new OutputCapture({ secrets: secrets.map(secret), maxBytes });
  for (const piece of pieces) capture.append(piece);
  return capture.finish();
};

describe('what is kept', () => {
  it('is everything, unchanged, when it fits', () => {
    const text = 'first\r\n\u001b[31mred\u001b[0m 한국어 🚀\n';
    expect(captured([text])).toEqual({ text, totalBytes: Buffer.byteLength(text), truncated: false });
  });

  it('is the head and the tail with the number of bytes left out between them', () => {
    const { text, totalBytes, truncated } = captured(['a'.repeat(500), 'b'.repeat(500)], [], 256);
    expect(text).toBe(`${'a'.repeat(96)}\n… 808 bytes left out …\n${'b'.repeat(96)}`);
    expect({ totalBytes, truncated }).toEqual({ totalBytes: 1000, truncated: true });
  });

  it('never exceeds its bound and never holds half a character, however it arrives', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 2000 })
      .map((whole) => whole.replaceAll('\ufffd', ''));
    fc.assert(
      fc.property(
        text,
        fc.array(fc.nat(), { maxLength: 50 }),
        fc.integer({ min: 256, max: 1500 }),
        (whole, places, maxBytes) => {
          const kept = captured(cutAt(whole, places), [], maxBytes);
          expect(kept).toEqual(captured([whole], [], maxBytes));
          expect(Buffer.byteLength(kept.text)).toBeLessThanOrEqual(maxBytes);
          expect(kept.totalBytes).toBe(Buffer.byteLength(whole));
          expect(kept.text).not.toContain('\ufffd');
          if (!kept.truncated) expect(kept.text).toBe(whole);
        },
      ),
    );
  });

  it('stays bounded when 50 MB arrive in small pieces', () => {
    const capture = new OutputCapture({ maxBytes: 4096 });
    for (let index = 0; index < 50_000; index += 1) capture.append('x'.repeat(1000));
    const { text, totalBytes } = capture.finish();
    expect(totalBytes).toBe(50_000_000);
    expect(text.length).toBeLessThanOrEqual(4096);
  });

  it('refuses a bound that is too small to mean anything', () => {
    expect(() => new OutputCapture({ maxBytes: 255 })).toThrow(
      'maxBytes: 255; allowed: a whole number from 256',
    );
  });
});

describe('secrets', () => {
  it('never appear, however the pieces are cut, and everything else stays', () => {
    const noise = fc.string({ unit: fc.constantFrom('c', 'a', 'n', '-', '7', '\n', '가'), maxLength: 30 });
    const values = ['canary-7', 'can-', 'canary-7-longer', 'aaaa'];
    const parts = fc.array(fc.oneof(noise, fc.constantFrom(...values)), { maxLength: 12 });
    fc.assert(
      fc.property(parts, fc.array(fc.nat(), { maxLength: 30 }), (texts, places) => {
        const whole = texts.join('');
        const { text } = captured(cutAt(whole, places), values);
        for (const value of values) expect(text).not.toContain(value);
        expect(text).toBe(whole.replace(/canary-7-longer|canary-7|can-|aaaa/g, '[secret]'));
      }),
      { numRuns: 500 },
    );
  });

  it('may hold characters that mean something in a pattern', () => {
    expect(captured(['x a.b*c$(1)[2]\\ y'], ['a.b*c$(1)[2]\\']).text).toBe('x [secret] y');
  });

  it('under four characters are left: they hide nothing and would tear up the text', () => {
    expect(captured(['abc'], ['abc', '']).text).toBe('abc');
  });

  it('hold back only what may be their beginning, until it is certain', () => {
    const capture = new OutputCapture({ secrets: [secret('canary')] });
    capture.append('question? ');
    expect(capture.read(0).text).toBe('question? ');
    capture.append('can');
    expect(capture.read(0).text).toBe('question? ');
    capture.append('not');
    expect(capture.read(0).text).toBe('question? cannot');
    capture.append(' can');
    expect(capture.finish().text).toBe('question? cannot can');
  });
});

describe('following', () => {
  it('reads on from where the last look ended', () => {
    const capture = new OutputCapture();
    capture.append('하나\n');
    const first = capture.read(0);
    capture.append('둘\n');
    expect(first).toEqual({ text: '하나\n', nextOffset: 7, missedBytes: 0 });
    expect(capture.read(first.nextOffset)).toEqual({ text: '둘\n', nextOffset: 11, missedBytes: 0 });
    expect(capture.read(11)).toEqual({ text: '', nextOffset: 11, missedBytes: 0 });
    expect(capture.read(99)).toEqual({ text: '', nextOffset: 11, missedBytes: 0 });
  });

  it('says what it missed when it was too slow', () => {
    const capture = new OutputCapture({ maxBytes: 256 });
    capture.append('a'.repeat(200));
    const { nextOffset } = capture.read(0);
    capture.append('b'.repeat(300));
    const missed = 300 - 96;
    const text = `\n… ${missed} bytes left out …\n${'b'.repeat(96)}`;
    expect(capture.read(nextOffset)).toEqual({ text, nextOffset: 500, missedBytes: missed });
  });

  it('pieces read one after the other are the whole, however it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(), { maxLength: 10 }), (whole, places) => {
        const capture = new OutputCapture();
        let offset = 0;
        let read = '';
        for (const piece of cutAt(whole, places)) {
          capture.append(piece);
          const part = capture.read(offset);
          read += part.text;
          offset = part.nextOffset;
        }
        expect(read).toBe(capture.finish().text);
      }),
    );
  });

  it('takes nothing more after the end, and the end can be asked for twice', () => {
    const capture = new OutputCapture();
    capture.append('end');
    const output = capture.finish();
    capture.append('late');
    expect(capture.finish()).toEqual(output);
  });
});
