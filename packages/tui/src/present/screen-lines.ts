import type { PageMeasure } from '../commands/command.ts';
import type { Layout } from '../state/layout.ts';
import { isFresh } from '../state/link.ts';
import { currentBackup, currentSilence } from '../state/lists.ts';
import type { Page, ScreenState } from '../state/screen-state.ts';
import { layoutOf, listedExecutions, listReading, listWorld, openPage, zoneOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';
import { alertPage } from './alert-page.ts';
import { backupPage } from './backup-page.ts';
import { cleanText, wrapWords } from './cells.ts';
import { checkPage } from './check-page.ts';
import { executionColumns, executionHeading, executionRow } from './execution-row.ts';
import { helpPage } from './help-page.ts';
import { type Line, line, plain, toned, wrapLine } from './line.ts';
import { logPage } from './log-page.ts';
import { silencePage } from './silence-page.ts';
import { fitLines, targetPage } from './target-pane.ts';
import { targetColumns, targetHeading, targetRow } from './target-row.ts';

/** A row of a list with the id that keeps it apart from its neighbours. */
export interface KeyedLine {
  readonly key: string;
  readonly line: Line;
}

/** Heading and rows of the Targets list: exactly the rows of the layout plus one. */
export function targetListLines(state: ScreenState, layout: Layout, theme: Theme): readonly KeyedLine[] {
  const world = listWorld(state);
  const columns = targetColumns(layout.columns, world.targets.values());
  const context = { columns, reading: listReading(state), zone: zoneOf(state), theme };
  const { ids, place } = state.targets;
  const shown = ids.slice(place.top, place.top + layout.list);
  const rows = shown.flatMap((id) => {
    const target = world.targets.get(id);
    return target === undefined
      ? []
      : [{ key: id, line: targetRow(target, id === place.selectedId, context) }];
  });
  const empty = rows.length === 0 ? emptyTargets(state) : [];
  return filled([{ key: '-heading', line: targetHeading(columns) }, ...rows, ...empty], layout.list + 1);
}

/** Heading and rows of the Executions list. */
export function executionListLines(state: ScreenState, layout: Layout): readonly KeyedLine[] {
  const listed = listedExecutions(state);
  const columns = executionColumns(layout.columns, listed, state.jobId === undefined);
  const context = {
    columns,
    nowMs: listReading(state).nowMs,
    zone: zoneOf(state),
    old: !isFresh(state.link),
  };
  const byId = new Map(listed.map((execution) => [execution.id, execution]));
  const { ids, place } = state.executions;
  const rows = ids.slice(place.top, place.top + layout.list).flatMap((id) => {
    const execution = byId.get(id);
    return execution === undefined
      ? []
      : [{ key: id, line: executionRow(execution, id === place.selectedId, context) }];
  });
  const filtered = state.executions.filter.terms.length > 0 || state.executions.problemsOnly;
  const none = state.world.engine === undefined ? `no data yet from ${state.endpoint}` : 'no execution yet';
  const text = filtered ? '  nothing matches, esc clears the filter' : `  ${none}`;
  const empty = rows.length === 0 ? [{ key: '-empty', line: line(toned('dim', text)) }] : [];
  return filled([{ key: '-heading', line: executionHeading(columns) }, ...rows, ...empty], layout.list + 1);
}

/** All lines of an open page. */
export function pageLines(state: ScreenState, page: Page, theme: Theme): readonly Line[] {
  switch (page.kind) {
    case 'help':
      return helpPage(state.pages.at(-2)?.kind ?? state.tab, state.size.columns, theme);
    case 'detail': {
      const target = state.world.targets.get(page.targetId);
      return target === undefined ? gone(page.targetId) : targetPage({ state, target, theme });
    }
    case 'log':
      return logPage(state, page.executionId);
    case 'alert': {
      const alert = state.world.alerts.find(({ id }) => id === page.alertId);
      return alert === undefined ? gone(page.alertId) : wrapped(alertPage({ state, alert, theme }), state);
    }
    case 'check': {
      const check = state.world.checks.get(page.checkId);
      return check === undefined ? gone(page.checkId) : wrapped(checkPage(state, check), state);
    }
    case 'backup': {
      const backup = currentBackup(state);
      return backup === undefined ? gone(page.key) : wrapped(backupPage(state, backup), state);
    }
    case 'silence': {
      const silence = currentSilence(state);
      return silence === undefined ? gone(page.silenceId) : wrapped(silencePage(state, silence), state);
    }
    default:
      return page satisfies never;
  }
}

/** What is on the screen of an open page. */
export interface PageView extends PageMeasure {
  readonly lines: readonly Line[];
  /** `1-36 of 52`, and how many lines have arrived below a log that is not followed. */
  readonly part: string;
}

/** The part of the open page that fits: exactly the rows of the layout plus one. */
export function viewPage(state: ScreenState, page: Page, theme: Theme): PageView {
  const height = layoutOf(state).list + 1;
  const lines = pageLines(state, page, theme);
  const { length } = lines;
  const last = Math.max(0, length - height);
  const following = page.kind === 'log' && page.follow;
  const top = following ? last : Math.min(page.top, last);
  const unseen = page.kind === 'log' && !following && page.seenLines > 0 ? length - page.seenLines : 0;
  const news = unseen > 0 ? `+${unseen} new, G follows  ` : '';
  const part = length === 0 ? '' : `${news}${top + 1}-${Math.min(length, top + height)} of ${length}`;
  return { lines: fitLines(lines.slice(top, top + height), height), length, height, part };
}

/** How long the open page is and how much of it fits. */
export function measurePage(state: ScreenState, theme: Theme): PageMeasure {
  const page = openPage(state);
  return page === undefined ? { length: 0, height: 0 } : viewPage(state, page, theme);
}

/** Cells that labels at the left side of a page take. */
const PAGE_INDENT = 7;

/** On a page nothing is cut: there is always room below. */
function wrapped(lines: readonly Line[], { size }: ScreenState): readonly Line[] {
  return lines.flatMap((entry) => wrapLine(entry, size.columns, PAGE_INDENT));
}

function gone(name: string): readonly Line[] {
  return [line(toned('warn', `${name} is gone`))];
}

function emptyTargets(state: ScreenState): readonly KeyedLine[] {
  const { engine, targets } = state.world;
  if (engine === undefined) return connectingLines(state);
  const text =
    targets.size === 0
      ? '  no targets: add one to the config of the engine and start it again'
      : `  0 of ${targets.size} match, esc clears the filter`;
  return [{ key: '-empty', line: line(plain(text)) }];
}

function connectingLines({ link, endpoint, startCommand, size }: ScreenState): readonly KeyedLine[] {
  if (link.kind !== 'connecting')
    return [{ key: '-empty', line: line(plain(`  no data yet from ${endpoint}`)) }];
  const texts = [`connecting to ${endpoint}, attempt ${link.attempt}; q quits`];
  if (link.problem !== undefined)
    texts.push(link.problem, `Is the engine running there? Start it with: ${startCommand}`);
  return texts
    .flatMap((text) => wrapWords(cleanText(text), size.columns - 4))
    .map((text, index) => ({ key: `-connecting-${index}`, line: line(plain(`  ${text}`)) }));
}

/** The rows, cut or filled with empty ones to exactly so many. */
export function filled(rows: readonly KeyedLine[], count: number): readonly KeyedLine[] {
  const shown = rows.slice(0, count);
  const empty = Array.from({ length: Math.max(0, count - shown.length) }, (_, index) => ({
    key: `-${index}`,
    line: line(),
  }));
  return [...shown, ...empty];
}
