import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonValue, toJsonValue } from './json.ts';

describe('canonical JSON', () => {
  it('writes the example of RFC 8785, section 3.2.2', () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const parsed: JsonValue = JSON.parse(input);
    expect(canonicalJson(parsed)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('orders keys by UTF-16 units, as the example of RFC 8785, section 3.2.3', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const names = [...canonicalJson(input).matchAll(/:"([^"]*)"/g)].map((match) => match[1]);
    expect(names).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [1e21, '1e+21'],
    [0.000001, '0.000001'],
    [1e-7, '1e-7'],
  ])('writes the number %d as %s', (number, text) => {
    expect(canonicalJson(number)).toBe(text);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (number) => {
    expect(() => canonicalJson({ deep: [number] })).toThrow(RangeError);
  });

  it('does not depend on the order in which an object was built', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed as JsonValue)).toBe(canonicalJson(object as JsonValue));
        expect(JSON.parse(canonicalJson(object as JsonValue))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
});

describe('turning anything into JSON', () => {
  it.each<[string, unknown, JsonValue]>([
    ['undefined', undefined, '[undefined]'],
    ['a function', () => 1, '[function]'],
    ['a symbol', Symbol('x'), '[symbol]'],
    ['a bigint', 12n, '12'],
    ['NaN', Number.NaN, 'NaN'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), 'Invalid Date'],
    ['an error', new TypeError('no'), { name: 'TypeError', message: 'no' }],
    ['absent members', { a: undefined, b: 1 }, { b: 1 }],
    [
      'depth',
      { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } },
      { a: { a: { a: { a: { a: { a: '[deep]' } } } } } },
    ],
  ])('writes %s', (_, value, json) => {
    expect(toJsonValue(value)).toEqual(json);
  });

  it('survives values that throw when they are looked at', () => {
    const hostile = {
      get price(): number {
        throw new Error('no price');
      },
      kept: 1,
    };
    expect(toJsonValue(hostile)).toEqual({ price: '[unreadable]', kept: 1 });
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('closed');
        },
      },
    );
    expect(toJsonValue({ proxy })).toEqual({ proxy: '[unreadable]' });
    const error = Object.assign(new Error('x'), { message: { not: 'a text' } });
    expect(toJsonValue(error)).toEqual({ name: 'Error', message: '[object Object]' });
  });

  it('stays small and quick when objects refer to each other', () => {
    const nodes = Array.from({ length: 50 }, () => ({}) as Record<string, unknown>);
    for (const node of nodes) for (const [index, other] of nodes.entries()) node[`to${index}`] = other;
    const text = JSON.stringify(toJsonValue(nodes));
    expect(text.length).toBeLessThan(100_000);
  });

  it('keeps no more than 100 entries and cuts long text', () => {
    expect(toJsonValue(Array.from({ length: 500 }, (_, index) => index))).toHaveLength(100);
    expect(toJsonValue('x'.repeat(5000))).toHaveLength(2001);
  });

  it('cleans text before it cuts it, so that a cut cannot leave half a secret', () => {
    const text = `${'x'.repeat(1995)}hunter2-hunter2`;
    const json = toJsonValue({ [text]: text }, 6, (dirty) => dirty.replaceAll('hunter2-hunter2', '*'));
    expect(JSON.stringify(json)).not.toContain('hunt');
  });

  it('always gives a value that JSON holds unchanged', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          const json = toJsonValue(value);
          expect(JSON.parse(JSON.stringify(json))).toEqual(json);
        },
      ),
      { numRuns: 300, seed: 20260102 },
    );
    expect(Object.is(toJsonValue(-0), 0)).toBe(true);
  });
});
