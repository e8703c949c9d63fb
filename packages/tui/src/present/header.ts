import { TARGET_WORDS, type TargetWord } from '@qts-ops/core/client';
import { isFresh, linkWord } from '../state/link.ts';
import { countOf } from '../state/lists.ts';
import type { ListView, Page, ScreenState } from '../state/screen-state.ts';
import { liveReading, openPage, zoneOf } from '../state/selectors.ts';
import { countWords, isProblem } from '../state/target-words.ts';
import { textOf } from '../state/text-field.ts';
import { type Tone, WORD_TONES } from '../theme.ts';
import { criticalText } from './alert-feed.ts';
import { shortId } from './execution-row.ts';
import { type Line, plain, type Span, spansWidth, spread, toned, underCursor } from './line.ts';
import { tabSpans, worstSpan } from './tabs.ts';
import { minuteText, timeText } from './time-text.ts';

/** First line: where one is, how fresh it is, and how many targets are in which state. */
export function headerLine(state: ScreenState): Line {
  const { columns } = state.size;
  const { engine } = state.world;
  const narrow = columns < 110;
  const spans: Span[] = [];
  if (!narrow) spans.push(toned('strong', 'qts-ops'), plain('  '));
  if (engine === undefined) spans.push(plain(state.endpoint), plain(' '));
  else spans.push(toned('inverse', ` ${engine.environment} `), plain(` ${engine.instance} `));
  spans.push(plain(narrow ? '' : ' '), linkSpan(state), plain(narrow ? ' ' : '  '));
  if (state.slowness > 0) spans.push(toned('inverse', 'SLOW LINK'), plain(' '));
  if (state.readOnly) spans.push(toned('inverse', 'READ-ONLY'), plain(' '));
  if (engine !== undefined) spans.push(...(columns >= 80 ? countSpans(state, narrow) : problemSpans(state)));
  const right = rightSpans(state);
  // The clock gives way before a word that says how bad it is.
  const fits = columns >= 80 || spansWidth(spans) + spansWidth(right) <= columns;
  return spread(spans, fits ? right : [], columns);
}

/** Second line: the screens there are, the filter and how much of the list it shows; on a page, which part of it. */
export function tabsLine(state: ScreenState, part?: string): Line {
  const page = openPage(state);
  const list = state[state.tab];
  const spans: Span[] = [...tabSpans(state)];
  if (page === undefined) spans.push(...filterSpans(state, list));
  else spans.push(toned('strong', `[${pageTitle(page)}]`));
  return spread(
    spans,
    page === undefined ? listSpans(state, list) : [toned('dim', part === undefined ? '' : ` ${part}`)],
    state.size.columns,
  );
}

/** The filter, where there is no room for the line of the screens; absent when there is none. */
export function filterLine(state: ScreenState): Line | undefined {
  const list = state[state.tab];
  const filtered = state.filtering !== undefined || list.filter.text !== '' || list.problemsOnly;
  if (!filtered || openPage(state) !== undefined) return undefined;
  return spread(filterSpans(state, list), [plain(` ${list.ids.length}`)], state.size.columns);
}

/** A line under the header that cannot be hidden; absent when there is nothing to say. */
export function bannerLine(state: ScreenState): Line | undefined {
  const { link, world, frame, size } = state;
  const zone = zoneOf(state);
  if (link.kind === 'lost') {
    const asOf =
      world.engine === undefined ? 'no data yet' : `data as of ${timeText(world.asOfMs, frame.nowMs, zone)}`;
    const wait = Math.max(0, Math.ceil((link.nextTryAtMs - frame.localMs) / 1_000));
    const again = wait === 0 ? 'trying now' : `next try in ${wait} s, ctrl-r now`;
    return alarm(` ${linkWord(link, frame.localMs)}, ${asOf}. ${again}. ${link.problem}`, size.columns);
  }
  if (link.kind === 'late') {
    return alarm(
      ` ${linkWord(link, frame.localMs)}: connected, but the engine sends nothing; acts are disabled`,
      size.columns,
    );
  }
  if (world.engine?.state === 'draining') {
    return alarm(' DRAINING: the engine is stopping, nothing new is started', size.columns);
  }
  const critical = criticalText(state);
  return critical === undefined ? undefined : alarm(critical, size.columns);
}

function alarm(text: string, columns: number): Line {
  return spread([toned('alarm', text)], [], columns);
}

function linkSpan(state: ScreenState): Span {
  const word = linkWord(state.link, state.frame.localMs);
  if (state.link.kind === 'live') return toned('good', word);
  return toned(state.link.kind === 'connecting' ? 'strong' : 'alarm', word);
}

function countSpans(state: ScreenState, narrow: boolean): readonly Span[] {
  const counts = countWords(state.world.targets.values(), liveReading(state));
  const words = narrow ? TARGET_WORDS.filter((word) => word !== 'IDLE' && word !== 'OK') : TARGET_WORDS;
  const spans: Span[] = [];
  for (const word of words) {
    const count = counts.get(word) ?? 0;
    const tone: Tone = count === 0 ? 'dim' : WORD_TONES[word];
    spans.push(toned(tone, `${narrow ? shortWord(word) : word} ${count}`), plain(narrow ? ' ' : '  '));
  }
  spans.push(toned('dim', narrow ? `/${state.world.targets.size}` : `of ${state.world.targets.size}`));
  return spans;
}

/** Where there is no room for all counts: how many targets somebody should look at. */
function problemSpans(state: ScreenState): readonly Span[] {
  if (!isFresh(state.link)) return [toned('dim', 'BAD ?')];
  const { nowMs } = state.frame;
  const count = [...state.world.targets.values()].filter((target) => isProblem(target, nowMs)).length;
  const worst = worstSpan(state);
  const bad = toned(count === 0 ? 'dim' : 'fail', `BAD ${count}`);
  return worst === undefined ? [bad] : [bad, plain(' '), worst];
}

function shortWord(word: TargetWord): string {
  return word === 'PAUSED' ? 'PAUS' : word === 'STALE' ? 'STAL' : word;
}

function rightSpans(state: ScreenState): readonly Span[] {
  const clock = state.world.engine === undefined ? '' : minuteText(state.frame.nowMs, zoneOf(state));
  return [plain(' '), plain(state.size.columns >= 110 ? `${state.operatorId}  ${clock}` : clock)];
}

function pageTitle(page: Page): string {
  switch (page.kind) {
    case 'detail':
      return page.targetId;
    case 'log':
      return `log ${shortId(page.executionId)}`;
    case 'alert':
      return 'alert';
    case 'check':
      return page.checkId;
    case 'backup':
      return 'backup';
    case 'silence':
      return 'silence';
    case 'help':
      return 'help';
    default:
      return page satisfies never;
  }
}

function filterSpans(state: ScreenState, list: ListView): readonly Span[] {
  const spans: Span[] = [];
  if (state.tab === 'executions' && state.jobId !== undefined)
    spans.push(toned('strong', `of ${state.jobId}`), plain('  '));
  if (state.filtering !== undefined) spans.push(...fieldSpans(state));
  else if (list.filter.text !== '') spans.push(toned('strong', `/${list.filter.text}`), plain(' '));
  if (list.problemsOnly) spans.push(toned('inverse', 'problems only'), plain(' '));
  if (list.filter.problem !== undefined) spans.push(toned('warn', list.filter.problem));
  return spans;
}

/** The filter while it is typed; the letter under the cursor is inverted. */
function fieldSpans(state: ScreenState): readonly Span[] {
  const field = state.filtering;
  if (field === undefined) return [];
  const before = field.letters.slice(0, field.cursor).join('');
  const after = field.letters.slice(field.cursor + 1).join('');
  const under = field.letters[field.cursor] ?? ' ';
  return [
    toned('strong', `/${before}`),
    underCursor(under),
    toned('strong', after),
    plain(textOf(field) === '' ? ' ' : '  '),
  ];
}

function listSpans(state: ScreenState, list: ListView): readonly Span[] {
  const filtered = list.filter.terms.length > 0 || list.problemsOnly;
  const spans: Span[] = [];
  // Where there is little room the edge of the dialog says it.
  if (state.frozen !== undefined && (state.frozen.by === 'key' || state.size.columns >= 110))
    spans.push(toned('inverse', state.frozen.by === 'key' ? 'FROZEN' : 'list frozen'), plain(' '));
  if (state.tab === 'executions') spans.push(toned('dim', `${list.ids.length} shown `));
  else if (filtered) spans.push(plain(`${list.ids.length} of ${countOf(state, state.tab)} `));
  if (state.tab === 'targets' && state.size.columns >= 120 && !filtered && state.frozen === undefined)
    spans.push(toned('dim', 'order state, errors, name'));
  return spans;
}
