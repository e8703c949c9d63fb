import { describe, expect, it } from 'vitest';
import { matches, parseFilter } from './filter.ts';

const FIELDS = ['state', 'kind', 'id'];
const row = { state: 'FAIL', kind: 'command', id: 'ledger-sync-kraken' };

describe('a filter', () => {
  it.each([
    ['', true],
    ['kraken', true],
    ['KRAKEN', true],
    ['binance', false],
    ['!binance', true],
    ['!kraken', false],
    ['^ledger.*kraken$', true],
    ['state:fail', true],
    ['state:f', true],
    ['state:ok,fail', true],
    ['state:ail', false],
    ['!state:fail', false],
    ['state:fail kind:command kraken', true],
    ['state:fail kind:function', false],
    ['!', true],
  ])('%j lets a failing command of kraken through: %s', (text, through) => {
    expect(matches(parseFilter(text, FIELDS), row)).toBe(through);
  });

  it('takes a broken regular expression literally and says so', () => {
    const filter = parseFilter('sync(', FIELDS);
    expect(filter.problem).toContain('not a regular expression');
    expect(matches(filter, { ...row, id: 'a-sync(b)' })).toBe(true);
  });

  it('names the fields there are when one is unknown', () => {
    expect(parseFilter('status:fail', FIELDS).problem).toBe("no field 'status': state, kind, id");
  });

  it('takes the values of a field literally', () => {
    expect(matches(parseFilter('id:ledger.sync', FIELDS), row)).toBe(false);
  });
});
