import type { Line } from '../present/line.ts';
import type { KeyedLine } from '../present/screen-lines.ts';
import type { Theme } from '../theme.ts';
import { Row } from './row.tsx';

/** What rows need besides their lines. */
export interface RowsProps {
  readonly width: number;
  readonly theme: Theme;
}

/** Rows of a list, each kept apart by the id of what it shows. */
export function ListRows({ lines, width, theme }: RowsProps & { readonly lines: readonly KeyedLine[] }) {
  return lines.map(({ key, line }) => <Row key={key} line={line} width={width} theme={theme} />);
}

/** Lines that are known by their place. */
export function Rows({ lines, width, theme }: RowsProps & { readonly lines: readonly Line[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a line of text has no identity but its place
  return lines.map((line, index) => <Row key={index} line={line} width={width} theme={theme} />);
}
