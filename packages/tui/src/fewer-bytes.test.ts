import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewerBytes } from './fewer-bytes.ts';

const ESC = '\u001b';

describe('fewer bytes', () => {
  it('steps over many unchanged lines at once', () => {
    expect(fewerBytes(`a\r\n${ESC}[E${ESC}[E${ESC}[Eb${ESC}[Ec`)).toBe(`a\r\n${ESC}[3Eb${ESC}[Ec`);
  });

  it('joins looks between which nothing is written', () => {
    const chain = `${ESC}[1m${ESC}[22m${ESC}[7m${ESC}[27m${ESC}[92m${ESC}[39m${ESC}[2m${ESC}[22m`;
    expect(fewerBytes(`${chain}8`)).toBe(`${ESC}[22;27;39m8`);
  });

  it('keeps bold and dim together, and colours of 256 and of all', () => {
    expect(fewerBytes(`${ESC}[22m${ESC}[1m${ESC}[2mx`)).toBe(`${ESC}[22;1;2mx`);
    expect(fewerBytes(`${ESC}[31m${ESC}[38;5;160mx`)).toBe(`${ESC}[38;5;160mx`);
    expect(fewerBytes(`${ESC}[38;5;1m${ESC}[48;2;1;2;3mx`)).toBe(`${ESC}[38;5;1;48;2;1;2;3mx`);
  });

  it('leaves alone what it does not know, text, and the clipboard', () => {
    for (const text of [
      `${ESC}[5m${ESC}[1mx`,
      `${ESC}[38;5m${ESC}[1mx`,
      `${ESC}]52;c;YQ==\u0007`,
      '[E[E',
      `${ESC}[2K`,
    ])
      expect(fewerBytes(text)).toBe(text);
  });

  it('never changes what is seen: every letter keeps its place and its look', () => {
    const piece = fc.oneof(
      fc.constantFrom('a', '한', '\r\n', `${ESC}[E`, `${ESC}[2E`, `${ESC}[K`, `${ESC}[3A`, `${ESC}[7G`),
      fc
        .array(
          fc
            .constantFrom(
              '',
              '0',
              '1',
              '2',
              '22',
              '3',
              '23',
              '4',
              '24',
              '5',
              '7',
              '27',
              '9',
              '29',
              '31',
              '39',
              '41',
              '49',
            )
            .chain((one) => fc.constantFrom(one, '92', '38;5;160', '48;2;1;2;3', '101', '58;5;1')),
          { maxLength: 3 },
        )
        .map((parts) => `${ESC}[${parts.join(';')}m`),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        expect(seen(fewerBytes(text))).toEqual(seen(text));
        expect(fewerBytes(text).length).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000, seed: 20_261_120 },
    );
  });
});

/** What a terminal would do: every letter with its line and its look, every other step as it is. */
function seen(text: string): readonly string[] {
  const out: string[] = [];
  let line = 0;
  let look = new Map<string, string>();
  for (const [token] of text.matchAll(new RegExp(`${ESC}\\[([0-9;]*)([A-Za-z])|[^]`, 'gu'))) {
    const [, parameters = '', final] = new RegExp(`^${ESC}\\[([0-9;]*)([A-Za-z])$`, 'u').exec(token) ?? [];
    if (final === 'E') line += parameters === '' ? 1 : Number(parameters);
    else if (final === 'm') look = styled(look, parameters.split(';').map(Number));
    else out.push(`${line} ${token} ${JSON.stringify([...look].map(String).toSorted())}`);
  }
  return [...out, `${line} end ${JSON.stringify([...look].map(String).toSorted())}`];
}

/** An independent reading of the parameters: attribute by attribute, as the standard says. */
function styled(before: ReadonlyMap<string, string>, parameters: readonly number[]): Map<string, string> {
  const look = new Map(before);
  const off: Readonly<Record<number, readonly string[]>> = {
    22: ['bold', 'dim'],
    23: ['italic'],
    24: ['underline'],
    27: ['inverse'],
    29: ['strike'],
    39: ['fg'],
    49: ['bg'],
  };
  const on: Readonly<Record<number, string>> = {
    1: 'bold',
    2: 'dim',
    3: 'italic',
    4: 'underline',
    5: 'blink',
    7: 'inverse',
    9: 'strike',
  };
  for (let at = 0; at < parameters.length; at++) {
    const one = parameters[at] ?? 0;
    if (one === 0) look.clear();
    else if (off[one] !== undefined) for (const name of off[one]) look.delete(name);
    else if (on[one] !== undefined) look.set(on[one], 'on');
    else if (one === 38 || one === 48 || one === 58) {
      const count = parameters[at + 1] === 5 ? 2 : 4;
      look.set(String(one), parameters.slice(at, at + count + 1).join());
      if (one !== 58) look.set(one === 38 ? 'fg' : 'bg', parameters.slice(at, at + count + 1).join());
      look.delete(one === 58 ? '' : String(one));
      at += count;
    } else look.set(one % 60 >= 40 || one >= 100 ? 'bg' : 'fg', String(one));
  }
  return look;
}
