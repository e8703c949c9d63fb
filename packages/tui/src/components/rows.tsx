import type { PaintedRow } from '../present/painted-screen.ts';
import { Row } from './row.tsx';

/** Painted rows from top to bottom, each kept apart by the id of what it shows. */
export function Rows({ rows }: { readonly rows: readonly PaintedRow[] }) {
  return rows.map(({ key, text }) => <Row key={key} text={text} />);
}
