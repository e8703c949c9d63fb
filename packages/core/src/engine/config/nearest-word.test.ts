import { describe, expect, it } from 'vitest';
import { nearestWord } from './nearest-word.ts';

const keys = ['every', 'mode', 'runOnStart', 'maxConsecutiveErrors', 'timeZone', 'on'];

describe('nearestWord', () => {
  it.each([
    ['evry', 'every'],
    ['eveyr', 'every'],
    ['timezone', 'timeZone'],
    ['time_zone', 'timeZone'],
    ['run-on-start', 'runOnStart'],
    ['maxConsecutiveError', 'maxConsecutiveErrors'],
    ['om', 'on'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearestWord(word, keys)).toBe(meant);
  });

  it.each(['', 'password', 'x', 'e'.repeat(5_000)])('finds nothing near %s', (word) => {
    expect(nearestWord(word, keys)).toBeUndefined();
  });
});
