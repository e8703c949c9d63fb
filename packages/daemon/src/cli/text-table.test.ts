import { describe, expect, it } from 'vitest';
import { type Column, cutTo, displayWidth, plainLine, tableText } from './text-table.ts';

interface Row {
  readonly name: string;
  readonly count: number;
}

const columns: ReadonlyArray<Column<Row>> = [
  { title: 'NAME', cell: ({ name }) => name, style: ({ count }) => (count > 9 ? 'red' : undefined) },
  { title: 'N', align: 'right', cell: ({ count }) => String(count) },
];

const plain = { colored: false };

describe('a table', () => {
  it('aligns Hangul by the columns a terminal needs', () => {
    const rows = [
      { name: '시세', count: 1 },
      { name: 'price', count: 12 },
    ];
    expect(tableText(columns, rows, plain)).toBe('NAME    N\n시세    1\nprice  12\n');
  });

  it('cuts lines to the terminal and shows the cut', () => {
    const rows = [{ name: '가나다라마', count: 1 }];
    expect(tableText(columns, rows, { columns: 8, colored: false })).toBe('NAME   …\n가나다…\n');
  });

  it('shows text from elsewhere on one line, without anything that steers a terminal', () => {
    const rows = [{ name: 'a\u001b[2Jb\nc\u0007\u202ed', count: 1 }];
    expect(tableText(columns, rows, plain)).toBe('NAME   N\nab cd  1\n');
  });

  it('colours only the first column, and its width stays', () => {
    const text = tableText(columns, [{ name: 'bad', count: 10 }], { colored: true });
    expect(text).toBe('NAME   N\n\u001b[31mbad \u001b[39m  10\n');
  });

  it('has a heading when it has no rows', () => {
    expect(tableText(columns, [], plain)).toBe('NAME  N\n');
  });
});

describe('the width of a text', () => {
  it.each([
    ['abc', 3],
    ['한글', 4],
    ['e\u0301', 1],
    ['ｆｕｌｌ', 8],
    ['①', 1],
    ['', 0],
  ])('%j is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('is never exceeded by a cut', () => {
    for (const text of ['한글 text', 'aaaaaaaa', '가a나b다c']) {
      for (let columns = 1; columns < 12; columns++) {
        expect(displayWidth(cutTo(text, columns))).toBeLessThanOrEqual(Math.max(columns, 1));
      }
    }
  });
});

describe('plainLine', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]8;;http://x\u001b\\link', 'link'],
    ['a\tb\r\nc', 'a b c'],
    ['\u009b31mx', '31mx'],
    ['\u200d\ufe0fx', 'x'],
  ])('makes %j harmless', (text, harmless) => {
    expect(plainLine(text)).toBe(harmless);
  });
});
