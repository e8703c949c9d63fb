import { REASON_MIN_CHARACTERS } from '@qts-ops/core/client';
import { ACT_TITLES, subjectName } from '../state/act.ts';
import { type Dialog, dialogReasonProblem } from '../state/dialog.ts';
import { linkProblem } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { type BodyLine, blank, LABEL_CELLS, labelled, weighted, words } from './body-line.ts';
import { cleanText, fitStart, widthOf, wrapWords } from './cells.ts';
import { factLines } from './dialog-facts.ts';
import { cutSpans, type Line, plain, type Span, spansWidth, toned, underCursor } from './line.ts';

/** The dialog as a box of lines, and where its upper left corner goes. */
export interface DialogBox {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly left: number;
  readonly top: number;
}

const WIDTH_MOST = 84;

/** Draws the open dialog for this terminal: centred, or over everything where there is little room. */
export function dialogBox(state: ScreenState, dialog: Dialog): DialogBox {
  const { columns, rows } = state.size;
  const width = Math.min(columns, WIDTH_MOST);
  const inner = width - 4;
  const body = bodyOf(state, dialog, inner);
  const room = Math.max(1, rows - 2 - 1);
  const shown = essential(body, room);
  const lines = [
    topEdge(state, dialog, width),
    ...shown.map((entry) => framed(entry.spans, width)),
    bottomEdge(width),
  ];
  return {
    lines,
    width,
    left: Math.floor((columns - width) / 2),
    top: Math.max(1, Math.floor((rows - lines.length) / 2)),
  };
}

/** Where there is little room the lines of least weight go first, the lowest of them first. */
function essential(body: readonly BodyLine[], room: number): readonly BodyLine[] {
  let kept = body;
  for (const weight of [1, 2] as const) {
    while (kept.length > room) {
      const index = kept.findLastIndex((entry) => entry.weight === weight);
      if (index < 0) break;
      kept = kept.toSpliced(index, 1);
    }
  }
  return kept.slice(0, room);
}

function bodyOf(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const { step } = dialog;
  const facts = [...factLines(state, dialog, width), ...movedLines(dialog, width)];
  switch (step.kind) {
    case 'reason':
      return [...facts, ...reasonLines(dialog, width), blank(), ...reasonHints(dialog, width)];
    case 'review':
      return [...facts, ...said(dialog, width), blank(), ...question(state, dialog, width)];
    case 'sending':
      return [
        ...facts,
        ...said(dialog, width),
        blank(),
        ...words(width, toned('strong', 'sending, waiting for the engine ...')),
      ];
    case 'unknown':
      return [...facts, ...said(dialog, width), blank(), ...unknownLines(state, step.problem, width)];
    case 'refused':
      return [
        ...facts,
        blank(),
        ...words(width, toned('fail', `REFUSED ${step.code}: ${step.problem}`)),
        ...step.remedy.flatMap((text) => words(width, plain(text))),
        ...keyLine(width, [['esc', 'close']]),
      ];
    case 'obsolete':
      return [
        ...facts,
        blank(),
        ...words(width, toned('warn', `Nothing to do: ${step.problem}. Nothing was sent.`)),
        ...keyLine(width, [['esc', 'close']]),
      ];
    default:
      return step satisfies never;
  }
}

function movedLines({ moved }: Dialog, width: number): readonly BodyLine[] {
  if (moved === undefined) return [];
  return words(
    width,
    toned('warn', `MOVED ON while this was open: was ${moved.was}; now ${moved.now}. Decide again.`),
  );
}

function reasonLines(dialog: Dialog, width: number): readonly BodyLine[] {
  const { letters, cursor } = dialog.field;
  const problem = dialogReasonProblem(dialog);
  const count = letters.filter((letter) => letter.trim() !== '').length;
  const verdict =
    problem === undefined ? toned('good', ' ok') : toned('warn', ` ${count}/${REASON_MIN_CHARACTERS}`);
  const room = width - LABEL_CELLS - spansWidth([verdict]);
  const before = cleanText(letters.slice(0, cursor).join(''));
  // The part around the cursor is shown when the text is longer than the field.
  const head = tailCells(before, room - 2);
  const under = cleanText(letters[cursor] ?? ' ') || ' ';
  const after = cleanText(letters.slice(cursor + 1).join(''));
  const field = cutSpans([plain(head), underCursor(under), plain(after)], room);
  return [weighted(3, [...labelled('reason', field), verdict])];
}

function tailCells(text: string, width: number): string {
  let shown = text;
  while (widthOf(shown) > width) shown = [...shown].slice(1).join('');
  return shown;
}

function said(dialog: Dialog, width: number): readonly BodyLine[] {
  const text = cleanText(dialog.field.letters.join('').trim());
  return wrapWords(text, width - LABEL_CELLS).map((part, index) =>
    weighted(index === 0 ? 2 : 1, labelled(index === 0 ? 'reason' : '', [plain(part)])),
  );
}

function reasonHints(dialog: Dialog, width: number): readonly BodyLine[] {
  const problem = dialogReasonProblem(dialog);
  const review = problem === undefined ? 'review' : `review (${problem.replace('reason: ', '')})`;
  return keyLine(width, [
    ['enter', review],
    ['esc', 'drop'],
  ]);
}

function question(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const { engine } = state.world;
  const place = engine === undefined ? '' : ` on ${engine.environment}@${engine.instance}`;
  const trouble = linkProblem(state.link, state.frame.localMs);
  const asked = words(
    width,
    toned('strong', `${ACT_TITLES[dialog.act].toLowerCase()} ${subjectName(dialog.pinned)}${place} ?`),
  );
  if (trouble !== undefined)
    return [
      ...asked,
      ...words(width, toned('fail', `cannot be sent: ${trouble}`)),
      ...keyLine(width, [['n esc', 'drop']]),
    ];
  const edit: ReadonlyArray<readonly [string, string]> = width < 50 ? [] : [['left', 'edit reason']];
  return [...asked, ...keyLine(width, [['y', 'do it'], ...edit, ['n esc', 'drop']])];
}

function unknownLines(state: ScreenState, problem: string, width: number): readonly BodyLine[] {
  const trouble = linkProblem(state.link, state.frame.localMs);
  return [
    ...words(width, toned('fail', `OUTCOME UNKNOWN: ${problem}`)),
    ...words(
      width,
      plain(
        'The engine may or may not have done it. Asking again with the same request id does nothing twice.',
      ),
    ),
    ...(trouble === undefined
      ? keyLine(width, [
          ['y', 'ask again'],
          ['n esc', 'leave it unknown'],
        ])
      : keyLine(width, [
          ['y', `ask again (${trouble})`],
          ['n esc', 'leave it unknown'],
        ])),
  ];
}

function keyLine(width: number, keys: ReadonlyArray<readonly [string, string]>): readonly BodyLine[] {
  const spans: Span[] = [];
  for (const [key, meaning] of keys) spans.push(toned('key', key), plain(` ${meaning}   `));
  return [weighted(3, cutSpans(spans, width))];
}

function topEdge(state: ScreenState, dialog: Dialog, width: number): Line {
  const title = `+-- ${ACT_TITLES[dialog.act]} `;
  const { engine } = state.world;
  const place = engine === undefined ? '' : ` ${cleanText(`${engine.environment}@${engine.instance}`)} --+`;
  const room = Math.max(0, width - title.length - widthOf(place));
  const end = place === '' ? `${'-'.repeat(Math.max(0, room - 1))}+` : `${'-'.repeat(room)}${place}`;
  return { spans: [toned('strong', `${title}${end}`)] };
}

function bottomEdge(width: number): Line {
  const note = ' list frozen --+';
  return {
    spans: [
      toned(
        'strong',
        `+${fitStart(note, width - 1).replace(/^ +/, (gap) => `${'-'.repeat(gap.length - 1)} `)}`,
      ),
    ],
  };
}

function framed(spans: readonly Span[], width: number): Line {
  return { spans: [toned('strong', '| '), ...cutSpans(spans, width - 4), toned('strong', ' |')] };
}
