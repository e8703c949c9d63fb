import { expect, it } from 'vitest';
import { parseNagiosOutput } from './nagios-output.ts';
import { alertsOn, parseRange } from './nagios-range.ts';

it.for([
  ['10', [-1, 11], [0, 5, 10]],
  ['10:', [9, -1], [10, 99]],
  ['~:10', [11], [-99, 10]],
  ['10:20', [9, 21], [10, 20]],
  ['@10:20', [10, 15, 20], [9, 21]],
  ['-5:5', [-6, 6], [-5, 0, 5]],
  ['1e3', [1_001], [1_000]],
] as const)('the range %s alerts on %j and not on %j', ([text, alerts, quiet]) => {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`${text} is a range`);
  expect(alerts.map((value) => alertsOn(range, value))).toEqual(alerts.map(() => true));
  expect(quiet.map((value) => alertsOn(range, value))).toEqual(quiet.map(() => false));
});

it.for(['', ':', '20:10', 'x', '@', '1:2:3'])('%j is no range', (text) => {
  expect(parseRange(text)).toBeUndefined();
});

it('reads labels with blanks and quotes, units and missing parts', () => {
  const { firstLine, perfdata } = parseNagiosOutput(
    "PING OK - 0% loss|'round trip''s time'=0.5ms;;;0 loss=0% n=3 u=U\n",
  );
  expect(firstLine).toBe('PING OK - 0% loss');
  expect(perfdata).toEqual([
    { label: "round trip's time", value: 0.5, unit: 'ms', min: 0 },
    { label: 'loss', value: 0, unit: '%' },
    { label: 'n', value: 3, unit: '' },
  ]);
});

it('says which range a number alerts on', () => {
  const { perfdata } = parseNagiosOutput('x | a=5;4;6 b=7;4;6 c=1;4;6');
  expect(perfdata.map(({ label, alerts }) => [label, alerts])).toEqual([
    ['a', 'warn'],
    ['b', 'crit'],
    ['c', undefined],
  ]);
});

it('reads no more than a hundred numbers', () => {
  const text = `x | ${Array.from({ length: 500 }, (_, index) => `n${index}=1`).join(' ')}`;
  expect(parseNagiosOutput(text).perfdata).toHaveLength(100);
});

it('takes time for a long output in proportion to its length, whatever stands in it', () => {
  const pieces = ['a', "'", "'''' ", "''' ", "'a ", 'a=1;', 'a=.', "a='", '1e'];
  for (const piece of pieces) {
    const before = process.cpuUsage();
    parseNagiosOutput(`OK | ${piece.repeat(1_048_576 / piece.length)}`);
    const { user } = process.cpuUsage(before);
    // Processor time in microseconds: some ten milliseconds, or twenty minutes when it grows by the square.
    expect(user, piece).toBeLessThan(20_000_000);
  }
});
