import { cleanText, wrapWords } from './cells.ts';
import { type Span, toned } from './line.ts';

/** One line inside the box; where there is little room those of low weight go first. */
export interface BodyLine {
  readonly spans: readonly Span[];
  readonly weight: 1 | 2 | 3;
}

/** Cells of the words at the left side. */
export const LABEL_CELLS = 10;

/** A text broken between words; its first line weighs most. */
export function words(width: number, span: Span): readonly BodyLine[] {
  return wrapWords(cleanText(span.text), width).map((text, index) =>
    weighted(index === 0 ? 3 : 2, [toned(span.tone, text)]),
  );
}

/** A word at the left side and what belongs to it. */
export function labelled(label: string, spans: readonly Span[]): readonly Span[] {
  return [toned('dim', label.padEnd(LABEL_CELLS)), ...spans];
}

/** A line with its weight. */
export function weighted(weight: 1 | 2 | 3, spans: readonly Span[]): BodyLine {
  return { spans, weight };
}

/** An empty line. */
export function blank(): BodyLine {
  return weighted(1, []);
}
