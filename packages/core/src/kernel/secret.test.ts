import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redact, redactObject, Secret } from './secret.ts';

const CANARY = 'c4n4ry-"quoted"\\and/more%20ü';
const secret = new Secret('SLACK_WEBHOOK_URL', CANARY);

describe('a secret', () => {
  it.each<[string, (value: Secret) => string]>([
    ['a template', (value) => `${value as unknown as string}`],
    ['a sum of texts', (value) => `url: ${String(value)}`],
    ['JSON', (value) => JSON.stringify({ value, list: [value] })],
    ['inspect', (value) => inspect(value)],
    ['inspect of everything', (value) => inspect({ value }, { showHidden: true, depth: 9, getters: true })],
    ['its own members', (value) => JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(value)))],
    ['an error message', (value) => new Error(`cannot reach ${value as unknown as string}`).stack ?? ''],
  ])('does not appear in %s', (_, show) => {
    expect(show(secret)).not.toContain('c4n4ry');
  });

  it('is given to the one who asks for it, and says where it came from', () => {
    expect(secret.reveal()).toBe(CANARY);
    expect(secret.source).toBe('SLACK_WEBHOOK_URL');
  });

  it('does not survive a structured clone', () => {
    expect(inspect(structuredClone(secret))).not.toContain('c4n4ry');
  });
});

describe('redacting', () => {
  it('replaces a secret as it is, inside JSON and inside a URL', () => {
    const json = JSON.stringify({ url: CANARY });
    const url = `https://x.example/?key=${encodeURIComponent(CANARY)}`;
    expect(redact(`${CANARY} ${json} ${url}`, [secret])).toBe(
      '[secret] {"url":"[secret]"} https://x.example/?key=[secret]',
    );
  });

  it('replaces the longest of several secrets first, in whatever order they are given', () => {
    const [short, long] = [new Secret('A', 'token'), new Secret('B', 'token-and-more')];
    for (const secrets of [
      [short, long],
      [long, short],
    ]) {
      expect(redact('token-and-more token', secrets)).toBe('[secret] [secret]');
    }
  });

  it('leaves values under four characters: they hide nothing', () => {
    expect(redact('a 1 of 10', [new Secret('A', '1'), new Secret('B', '')])).toBe('a 1 of 10');
  });

  it('takes a secret that is no well-formed text', () => {
    expect(redact('x \ud800abc y', [new Secret('A', '\ud800abc')])).toBe('x [secret] y');
  });

  it('reaches every text, key and number of an object', () => {
    const pin = new Secret('PIN', '482913');
    const object = { a: [CANARY, { [CANARY]: 1 }], pin: 482913, other: 48291, none: null, yes: true };
    expect(redactObject(object, [secret, pin])).toEqual({
      a: ['[secret]', { '[secret]': 1 }],
      pin: '[secret]',
      other: 48291,
      none: null,
      yes: true,
    });
  });
});
