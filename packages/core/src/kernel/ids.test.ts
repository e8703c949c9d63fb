import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUuid, nameUuid, uuidv5, uuidv7 } from './ids.ts';

describe('name-based ids', () => {
  it('are the example of RFC 9562, appendix A.4', () => {
    const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    expect(nameUuid(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('never change for a given slot: rows of years ago must be found again', () => {
    expect(uuidv5('pipeline', '1767312000000', '0', '1', '0')).toBe(
      uuidv5('pipeline', '1767312000000', '0', '1', '0'),
    );
    expect(uuidv5('pipeline', '1767312000000', '0', '1', '0')).toMatchInlineSnapshot(
      `"1baffcee-4646-5bdb-b139-a6db2dee75e4"`,
    );
  });

  it('differ when the same letters are divided differently', () => {
    expect(uuidv5('ab', 'c')).not.toBe(uuidv5('a', 'bc'));
    expect(uuidv5('1:a')).not.toBe(uuidv5('a'));
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
        expect(uuidv5(...a) === uuidv5(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe('time-ordered ids', () => {
  it('are the example of RFC 9562, appendix A.6', () => {
    const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
    expect(uuidv7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('sort as their instants do, whatever the random part is', () => {
    const [low, high] = [new Uint8Array(10), new Uint8Array(10).fill(255)];
    expect(uuidv7(1_767_312_000_000, high) < uuidv7(1_767_312_000_001, low)).toBe(true);
    expect(isUuid(uuidv7(0, high))).toBe(true);
  });
});

it.each([
  ['2ed6657d-e927-568b-95e1-2665a8aea6a2', true],
  ['2ED6657D-E927-568B-95E1-2665A8AEA6A2', true],
  ['2ed6657de927568b95e12665a8aea6a2', false],
  ['2ed6657d-e927-568b-95e1-2665a8aea6a2\n', false],
  ['2ed6657d-e927-568b-95e1-2665a8aea6ag', false],
  ['', false],
])('the text %j is an id: %s', (text, answer) => {
  expect(isUuid(text)).toBe(answer);
});
