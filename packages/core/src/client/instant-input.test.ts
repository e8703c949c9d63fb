import { describe, expect, it } from 'vitest';
import { parseInstant } from './instant-input.ts';

describe('parseInstant', () => {
  it('takes a date as that day in the given zone', () => {
    expect(parseInstant('2026-11-20', 'Asia/Seoul', 'start')).toBe(Date.parse('2026-11-20T00:00:00+09:00'));
    expect(parseInstant('2026-11-20', 'Asia/Seoul', 'end')).toBe(Date.parse('2026-11-20T23:59:59.999+09:00'));
  });

  it('starts a day without a midnight at its first instant', () => {
    expect(parseInstant('2018-11-04', 'America/Sao_Paulo', 'start')).toBe(
      Date.parse('2018-11-04T01:00:00-02:00'),
    );
  });

  it('takes an instant only with its offset', () => {
    expect(parseInstant('2026-11-20T09:00+09:00', 'UTC', 'start')).toBe(Date.parse('2026-11-20T00:00:00Z'));
    expect(parseInstant('2026-11-20T09:00', 'UTC', 'start')).toBeUndefined();
  });

  it.each(['', 'yesterday', '2026-02-30', '20261120', '2026-11-20T25:00Z'])('refuses %j', (text) => {
    expect(parseInstant(text, 'UTC', 'start')).toBeUndefined();
  });
});
