import { isDeepStrictEqual } from 'node:util';
import type { Layout, Size } from '../state/layout.ts';
import { LEAST_SIZE } from '../state/layout.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { layoutOf, openPage } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';
import { dialogBox } from './dialog-box.ts';
import { flashLine, hintsLine } from './footer.ts';
import { bannerLine, headerLine, tabsLine } from './header.ts';
import { cursorIn, type Line, line, paintLine, plain } from './line.ts';
import { keyed, listScreen } from './list-screens.ts';
import { type KeyedLine, viewPage } from './screen-lines.ts';

/** A row of the screen with the sequences of its theme, and what keeps it apart from its neighbours. */
export interface PaintedRow {
  readonly key: string;
  readonly text: string;
}

/** A box over the rows. */
export interface PaintedBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly rows: readonly PaintedRow[];
}

/** Cells from the upper left corner. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** All that a terminal shows: what is equal need not be drawn again. */
export interface PaintedScreen {
  readonly size: Size;
  readonly rows: readonly PaintedRow[];
  readonly box?: PaintedBox;
  /** Where the terminal's own cursor stands; absent when it is hidden. */
  readonly cursor?: Cell;
}

/** Paints one state: exactly as many rows as the terminal has, each of exactly its width. */
export function paintScreen(state: ScreenState, theme: Theme): PaintedScreen {
  const layout = layoutOf(state);
  const { columns } = layout;
  const { size } = state;
  if (layout.kind === 'small') {
    const text = `terminal too small, need ${LEAST_SIZE.columns}x${LEAST_SIZE.rows}`;
    return { size, rows: painted(keyed('small', [line(plain(text))]), columns, theme) };
  }
  const page = openPage(state);
  const view = page === undefined ? undefined : viewPage(state, page, theme);
  const top = topLines(state, layout, view?.part);
  const bottom = [flashLine(state), ...(layout.hints === 1 ? [hintsLine(state)] : [])];
  const middle = view === undefined ? listScreen(state, theme) : keyed('page', view.lines);
  const box = state.dialog === undefined ? undefined : dialogBox(state, state.dialog);
  const cursor =
    cursorOf(box?.lines ?? [], { x: box?.left ?? 0, y: box?.top ?? 0 }) ??
    cursorOf(top, { x: 0, y: 0 }) ??
    cursorOf(bottom, { x: 0, y: layout.rows - bottom.length });
  return {
    size,
    rows: painted([...keyed('top', top), ...middle, ...keyed('bottom', bottom)], columns, theme),
    ...(box === undefined
      ? {}
      : { box: { ...box, rows: painted(keyed('box', box.lines), box.width, theme) } }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** The newest painted screen: the same object as long as nothing that is shown has changed. */
export class Painter {
  readonly #theme: Theme;
  #state: ScreenState | undefined;
  #painted: PaintedScreen | undefined;

  constructor(theme: Theme) {
    this.#theme = theme;
  }

  /** Paints a state that was not painted before. */
  paint(state: ScreenState): PaintedScreen {
    if (this.#painted !== undefined && this.#state === state) return this.#painted;
    const next = paintScreen(state, this.#theme);
    this.#state = state;
    if (this.#painted === undefined || !isDeepStrictEqual(next, this.#painted)) this.#painted = next;
    return this.#painted;
  }
}

function painted(lines: readonly KeyedLine[], width: number, theme: Theme): readonly PaintedRow[] {
  return lines.map(({ key, line: of }) => ({ key, text: paintLine(of, width, theme) }));
}

/** Header, screens and banner. */
function topLines(state: ScreenState, layout: Layout, part: string | undefined): readonly Line[] {
  const banner = layout.banner === 1 ? bannerLine(state) : undefined;
  return [
    headerLine(state),
    ...(layout.tabs === 1 ? [tabsLine(state, part)] : []),
    ...(banner === undefined ? [] : [banner]),
  ];
}

/** Where in these lines the cursor stands, when their upper left corner is at `origin`. */
function cursorOf(lines: readonly Line[], origin: Cell): Cell | undefined {
  const row = lines.findIndex((entry) => cursorIn(entry) !== undefined);
  const found = lines[row];
  const cell = found === undefined ? undefined : cursorIn(found);
  return cell === undefined ? undefined : { x: origin.x + cell, y: origin.y + row };
}
