import { widthOf } from '../src/present/cells.ts';

const CELL_WIDTH = 8.4;
const ROW_HEIGHT = 16.4;
const FONT_SIZE = 14;
const MARGIN = 12;

const BACKGROUND = '#11151c';
const FOREGROUND = '#d5dbe5';

/** Colours of SGR 90 to 97, the ones the dark theme uses. */
const BRIGHT = ['#7d8590', '#ff7b72', '#7ee787', '#f2cc60', '#79c0ff', '#d2a8ff', '#76e3ea', '#ffffff'];

interface Look {
  readonly colour: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
}

interface Run extends Look {
  readonly text: string;
}

const PLAIN: Look = { colour: FOREGROUND, bold: false, dim: false, inverse: false };

/** Draws what a terminal shows (text with its colour sequences) as SVG: one text element for each run of one look. */
export function svgOf(screen: string, columns: number): string {
  const lines = screen.replace(/\n$/, '').split('\n');
  const width = columns * CELL_WIDTH + 2 * MARGIN;
  const height = lines.length * ROW_HEIGHT + 2 * MARGIN;
  // The looks of the terminal go on from line to line.
  let look = PLAIN;
  const rows = lines.flatMap((line, index) => {
    const { runs, after } = runsOf(line, look);
    look = after;
    return rowOf(runs, index);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${fixed(width)} ${fixed(height)}" font-family="'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK KR', monospace" font-size="${FONT_SIZE}">`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function rowOf(runs: readonly Run[], index: number): readonly string[] {
  const elements: string[] = [];
  let cell = 0;
  for (const run of runs) {
    const cells = widthOf(run.text);
    const x = MARGIN + cell * CELL_WIDTH;
    const top = MARGIN + index * ROW_HEIGHT;
    if (run.inverse) {
      const box = `x="${fixed(x)}" y="${fixed(top)}" width="${fixed(cells * CELL_WIDTH)}" height="${ROW_HEIGHT}"`;
      elements.push(`<rect ${box} fill="${run.colour}"/>`);
    }
    if (run.text.trim() !== '') elements.push(textOf(run, { x, y: top + 12.6, length: cells * CELL_WIDTH }));
    cell += cells;
  }
  return elements;
}

function textOf(run: Run, at: { readonly x: number; readonly y: number; readonly length: number }): string {
  const looks = [
    `fill="${run.inverse ? BACKGROUND : run.colour}"`,
    run.bold ? 'font-weight="bold"' : '',
    run.dim ? 'opacity="0.6"' : '',
  ].filter((look) => look !== '');
  const place = `x="${fixed(at.x)}" y="${fixed(at.y)}" textLength="${fixed(at.length)}"`;
  return `<text ${place} xml:space="preserve" ${looks.join(' ')}>${escaped(run.text)}</text>`;
}

function runsOf(line: string, before: Look): { readonly runs: readonly Run[]; readonly after: Look } {
  const runs: Run[] = [];
  let look = before;
  for (const part of line.split(/(\u001b\[[\d;]*m|\u000e|\u000f)/)) {
    if (part.startsWith('\u001b[')) look = lookAfter(look, part.slice(2, -1).split(';').map(Number));
    // Wide letters stand alone, because their font may not be exactly twice as wide.
    else
      for (const text of part.split(/([\u1100-\uffff]+)/))
        if (/[^\u000e\u000f]/.test(text)) runs.push({ ...look, text });
  }
  return { runs, after: look };
}

function lookAfter(before: Look, parameters: readonly number[]): Look {
  let look = before;
  for (const code of parameters) {
    if (code === 0) look = PLAIN;
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 2) look = { ...look, dim: true };
    else if (code === 7) look = { ...look, inverse: true };
    else if (code === 22) look = { ...look, bold: false, dim: false };
    else if (code === 27) look = { ...look, inverse: false };
    else if (code === 39) look = { ...look, colour: FOREGROUND };
    else if (code >= 90 && code <= 97) look = { ...look, colour: BRIGHT[code - 90] ?? FOREGROUND };
  }
  return look;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
