import { goalMet } from './bench-row.ts';
import { numberText, valueText } from './bench-text.ts';
import { keptRows, type RowHistory, rowHistories } from './results.ts';

/*
 * npm run bench:compare      every row: its newest value, the one of the commit before, what changed, and its goal
 */

/** Differences up to this much are noise on a machine that others use too. */
const NOISE = 0.1;

const lines = rowHistories(keptRows()).map(lineOf);
const table = [
  '| Bench | Row | Newest | Before | Newest / before | Goal |',
  '|---|---|--:|--:|--:|---|',
  ...lines.map((cells) => `| ${cells.join(' | ')} |`),
];
process.stdout.write(
  lines.length === 0 ? 'nothing was kept yet; run `npm run bench`\n' : `${table.join('\n')}\n`,
);

function lineOf({ newest, before }: RowHistory): readonly string[] {
  const { bench, name, goal, better, commit } = newest;
  const met = goalMet(newest);
  return [
    bench,
    name.replaceAll('|', '\\|'),
    `${valueText(newest)} (${commit})`,
    before === undefined ? '' : `${numberText(before.value)} (${before.commit})`,
    before === undefined ? '' : changeText(newest.value / before.value, better),
    goal === undefined
      ? ''
      : `${better === 'more' ? '≥' : '≤'} ${numberText(goal)} ${met === true ? 'met' : 'MISSED'}`,
  ];
}

function changeText(ratio: number, better: 'more' | 'less'): string {
  if (!Number.isFinite(ratio)) return '';
  const gain = better === 'more' ? ratio : 1 / ratio;
  const verdict = gain > 1 + NOISE ? 'better' : gain < 1 - NOISE ? 'WORSE' : 'same';
  return `${numberText(ratio)} ${verdict}`;
}
