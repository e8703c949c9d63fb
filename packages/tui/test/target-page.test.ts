import { expect, it } from 'vitest';
import { pageLines } from '../src/present/screen-lines.ts';
import { MONO, RecordedScreen } from './recorded-screen.ts';

async function detailLines(columns: number): Promise<readonly string[]> {
  await using screen = await RecordedScreen.open({ size: { columns, rows: 40 } });
  screen.select('quality-kraken');
  screen.press('enter');
  await screen.advance(1000);
  const page = screen.state.pages.at(-1);
  if (page === undefined) throw new Error('no page is open');
  return pageLines(screen.state, page, MONO).map(({ spans }) => spans.map(({ text }) => text).join(''));
}

it('the page of a target says why its last slots were skipped and when it runs next', async () => {
  const lines = await detailLines(120);
  const at = lines.findIndex((text) => text.includes('overlap  3'));
  expect(lines[at + 1]).toBe(
    '    the run before it was still going on, and the overlap policy lets no other start or wait',
  );
  expect(lines.find((text) => text.startsWith('next'))).toMatch(
    /^next {2}\S+ {3}then( {1,2}\d\d:\d\d(:\d\d)?)+/,
  );
});

it('the reason of a skip is wrapped where it does not fit', async () => {
  const lines = await detailLines(40);
  const at = lines.findIndex((text) => text.includes('overlap  3'));
  expect(lines.slice(at + 1, at + 4)).toEqual([
    '    the run before it was still going',
    '    on, and the overlap policy lets no',
    '    other start or wait',
  ]);
});
