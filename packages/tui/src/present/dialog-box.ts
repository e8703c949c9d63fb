import { formatDuration, REASON_MIN_CHARACTERS, type TargetView } from '@qts-ops/core/client';
import { ACT_TITLES } from '../state/act.ts';
import { type Dialog, dialogReasonProblem } from '../state/dialog.ts';
import { linkProblem } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { liveReading } from '../state/selectors.ts';
import { shownWord } from '../state/target-words.ts';
import { WORD_TONES } from '../theme.ts';
import { cleanText, fitStart, widthOf, wrapWords } from './cells.ts';
import { shortId } from './execution-row.ts';
import { zoneOf } from './header.ts';
import { cutSpans, type Line, plain, type Span, spansWidth, toned } from './line.ts';
import { nextStartMs } from './target-message.ts';
import { timeText } from './time-text.ts';

/** The dialog as a box of lines, and where its upper left corner goes. */
export interface DialogBox {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly left: number;
  readonly top: number;
}

const WIDTH_MOST = 84;
const LABEL_CELLS = 10;

/** Draws the open dialog for this terminal: centred, or over everything where there is little room. */
export function dialogBox(state: ScreenState, dialog: Dialog): DialogBox {
  const { columns, rows } = state.size;
  const width = Math.min(columns, WIDTH_MOST);
  const inner = width - 4;
  const compact = columns < 60;
  const body = bodyOf(state, dialog, inner);
  const room = Math.max(1, rows - 2 - 1);
  const shown = compact ? essential(body, room) : body.slice(0, room);
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

/** One line inside the box; where there is little room those of low weight go first. */
interface BodyLine {
  readonly spans: readonly Span[];
  readonly weight: 1 | 2 | 3;
}

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

function factLines(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const { pinned } = dialog;
  const revision = `revision ${pinned.revision}`;
  const id = labelled('target', [toned('strong', pinned.id), plain(`  (${pinned.kind})`)]);
  const room = width - spansWidth(id) - revision.length;
  const target = room > 0 ? [...id, plain(' '.repeat(room)), toned('dim', revision)] : id;
  const run =
    dialog.executionId === undefined ? [] : [weighted(3, labelled('run', [plain(dialog.executionId)]))];
  return [
    weighted(3, target),
    ...run,
    weighted(2, labelled('state', stateSpans(state, pinned))),
    ...planLines(state, dialog, width),
    weighted(
      1,
      labelled('operator', [
        plain(state.operatorId),
        toned('dim', '  (account of this terminal; kept in the audit log)'),
      ]),
    ),
  ];
}

function stateSpans(state: ScreenState, target: TargetView): readonly Span[] {
  const reading = liveReading(state);
  const word = shownWord(target, reading);
  const zone = zoneOf(state);
  const next = nextStartMs(target);
  const running =
    target.running === undefined
      ? 'not running'
      : `running since ${timeText(target.running.startedAtMs, reading.nowMs, zone)}`;
  const later = next === undefined ? '' : `, next ${timeText(next, reading.nowMs, zone)}`;
  return [
    toned(WORD_TONES[word], word),
    plain(` ${target.consecutiveErrors}/${target.maxConsecutiveErrors}, ${running}${later}`),
  ];
}

/** What will happen and what will not, from what is known about the target. */
function planLines(state: ScreenState, dialog: Dialog, width: number): readonly BodyLine[] {
  const [first = '', ...rest] = planTexts(state, dialog);
  const lines = (label: string, text: string) =>
    wrapWords(cleanText(text), width - LABEL_CELLS).map((part, index) =>
      weighted(index === 0 && label !== '' ? 2 : 1, labelled(index === 0 ? label : '', [plain(part)])),
    );
  return [...lines('plan', first), ...rest.flatMap((text) => lines('', text))];
}

function planTexts(state: ScreenState, { act, pinned, executionId }: Dialog): readonly string[] {
  const zone = zoneOf(state);
  const at = (ms: number): string => timeText(ms, state.frame.nowMs, zone);
  const next = pinned.nextSlotMs === undefined ? 'no slot is planned' : `next slot ${at(pinned.nextSlotMs)}`;
  switch (act) {
    case 'run': {
      const took =
        pinned.lastDurationMs === undefined
          ? ''
          : `; the last run took ${formatDuration(pinned.lastDurationMs)}`;
      return [
        `starts one MANUAL execution now${took}`,
        `ended by force after ${formatDuration(pinned.timeoutMs)}; schedule and error counter stay as they are`,
      ];
    }
    case 'pause':
      return [
        'no new execution starts until somebody resumes it',
        pinned.running === undefined ? 'nothing is running now' : 'the running execution goes on; x stops it',
      ];
    case 'resume':
      return [`starts again with its schedule: ${next}`, 'slots missed while paused are not made up for'];
    case 'stop':
      return [
        `asks execution ${shortId(executionId ?? '')} to end, by force after ${formatDuration(pinned.stopGraceMs)}; it becomes STOPPED`,
        `the schedule goes on: ${next}`,
      ];
    case 'reset':
      return [
        `sets the error counter ${pinned.consecutiveErrors} > 0${pinned.breaker.kind === 'closed' ? '' : ' and ends the suspension'}`,
        `the cause is not repaired; ${next}`,
      ];
    default:
      return act satisfies never;
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
  const field = cutSpans([plain(head), toned('inverse', under), plain(after)], room);
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
    weighted(2, labelled(index === 0 ? 'reason' : '', [plain(part)])),
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
    toned('strong', `${ACT_TITLES[dialog.act].toLowerCase()} ${dialog.targetId}${place} ?`),
  );
  if (trouble !== undefined)
    return [
      ...asked,
      ...words(width, toned('fail', `cannot be sent: ${trouble}`)),
      ...keyLine(width, [['n esc', 'drop']]),
    ];
  return [
    ...asked,
    ...keyLine(width, [
      ['y', 'do it'],
      ['left', 'edit reason'],
      ['n esc', 'drop'],
    ]),
  ];
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

function words(width: number, span: Span): readonly BodyLine[] {
  return wrapWords(cleanText(span.text), width).map((text, index) =>
    weighted(index === 0 ? 3 : 2, [toned(span.tone, text)]),
  );
}

function labelled(label: string, spans: readonly Span[]): readonly Span[] {
  return [toned('dim', label.padEnd(LABEL_CELLS)), ...spans];
}

function weighted(weight: 1 | 2 | 3, spans: readonly Span[]): BodyLine {
  return { spans, weight };
}

function blank(): BodyLine {
  return weighted(1, []);
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
