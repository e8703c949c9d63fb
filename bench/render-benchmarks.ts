import type { BenchRow } from './bench-row.ts';
import { goalMet } from './bench-row.ts';
import { goalText, limitText, peerTexts, valueText } from './bench-text.ts';
import { type KeptRow, keptRows, rowHistories } from './results.ts';

/** Writes `docs/reference/benchmarks.md` from the rows that were kept. */
export function render(): string {
  const newest = rowHistories(keptRows()).map((history) => history.newest);
  const benches = [...new Set(newest.map(({ bench }) => bench))];
  const sections = benches.map((bench) => sectionOf(bench, newest));
  return `${[intro(newest), ...sections].join('\n\n')}\n`;
}

function intro(rows: readonly KeptRow[]): string {
  const goals = rows.filter(({ goal }) => goal !== undefined);
  const met = goals.filter((row) => goalMet(row) === true).length;
  return [
    '# Benchmarks',
    '',
    '<!-- Written by docs/generate.ts from bench/results.jsonl. Do not edit. -->',
    '',
    'Measured, not promised: each number was taken beside its peers and beside what the machine itself allows, in the',
    'same run, in interleaved rounds, as a median. Times depend on the machine; ratios and shares say more. Run them with',
    '`npm run bench`, compare with earlier commits with `npm run bench:compare`, write this page with `npm run docs`.',
    '',
    rows.length === 0
      ? 'Nothing was measured yet.'
      : `${met} of ${goals.length} goals are met. Goals that are missed are named as such, with the reason where it is known.`,
  ].join('\n');
}

function sectionOf(bench: string, newest: readonly KeptRow[]): string {
  const rows = newest.filter((row) => row.bench === bench);
  return [
    `## ${bench}`,
    '',
    ...placesOf(rows),
    '',
    '| Measured | Value | Goal | Share of the limit | Peers | Note |',
    '|---|--:|---|---|---|---|',
    ...rows.map((row) => `| ${cellsOf(row).join(' | ')} |`),
  ].join('\n');
}

/** Where and when; rows of one bench are usually of one run. */
function placesOf(rows: readonly KeptRow[]): readonly string[] {
  const places = rows.map(({ at, commit, machine: { cpu, cores, system, node, load } }) => {
    return `${at.slice(0, 10)}, commit ${commit}, ${cores} x ${cpu}, ${system}, Node ${node}, load ${load}.`;
  });
  return [...new Set(places)];
}

function cellsOf(row: BenchRow): readonly string[] {
  const met = goalMet(row);
  const verdict = met === undefined ? '' : met ? ': met' : ': **missed**';
  return [
    row.name,
    valueText(row),
    `${goalText(row)}${verdict}`,
    limitText(row),
    peerTexts(row).join('; '),
    row.note ?? '',
  ].map((cell) => cell.replaceAll('|', '\\|'));
}
