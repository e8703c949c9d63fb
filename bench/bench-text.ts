import { type BenchRow, goalMet, shareOfLimit } from './bench-row.ts';

/** A number as a reader wants it: three digits, or whole with separators when it is large. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

/** The value with its unit. */
export function valueText({ value, unit }: Pick<BenchRow, 'value' | 'unit'>): string {
  return `${numberText(value)} ${unit}`;
}

/** `at least 2,000`, or nothing without a goal. */
export function goalText({ goal, better }: Pick<BenchRow, 'goal' | 'better'>): string {
  if (goal === undefined) return '';
  return `${better === 'more' ? 'at least' : 'at most'} ${numberText(goal)}`;
}

/** `met`, `missed`, or nothing without a goal. */
export function metText(row: BenchRow): string {
  const met = goalMet(row);
  return met === undefined ? '' : met ? 'met' : 'missed';
}

/** The peers with their numbers and how ours stands to them. */
export function peerTexts({ value, peers = [] }: BenchRow): readonly string[] {
  return peers.map((peer) => {
    const ratio = peer.value === 0 ? '' : `, ours ${numberText(value / peer.value)} x`;
    return `${peer.name}: ${numberText(peer.value)}${ratio}`;
  });
}

/** Our share of the physical limit, with the limit, or nothing without one. */
export function limitText(row: BenchRow): string {
  const share = shareOfLimit(row);
  if (row.limit === undefined || share === undefined) return '';
  const { name, value } = row.limit;
  return `${Number.isFinite(share) ? `${numberText(100 * share)} % of ` : ''}${name}: ${numberText(value)}`;
}

/** One row on the terminal. */
export function describeRow(row: BenchRow): string {
  const goal = goalText(row);
  const parts = [
    `  ${row.name}: ${valueText(row)}`,
    ...peerTexts(row),
    limitText(row),
    goal === '' ? '' : `goal ${goal}: ${metText(row)}`,
    row.note ?? '',
  ];
  return parts.filter((part) => part !== '').join('\n    ');
}
