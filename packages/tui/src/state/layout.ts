/** Size of the terminal in character cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How the rows of the screen are shared out; all numbers are rows and their sum is the height of the screen. */
export interface Layout {
  /** `small`: nothing but a request for more room. */
  readonly kind: 'wide' | 'narrow' | 'tiny' | 'small';
  readonly columns: number;
  readonly rows: number;
  readonly tabs: 0 | 1;
  readonly banner: 0 | 1;
  /** Rows of the list, without its heading. */
  readonly list: number;
  /** The pane about the selected target, with its heading. */
  readonly detail: number;
  /** Newest executions of the selected target, with their heading. */
  readonly runs: number;
  /** Newest acts of all operators, with their heading. */
  readonly acts: number;
  /** What one must know beside the list: open alerts, channels, sources and their backups. */
  readonly news: number;
  readonly hints: 0 | 1;
}

/** The least terminal in which anything useful can be read. */
export const LEAST_SIZE: Size = { columns: 40, rows: 10 };

const NARROW: Size = { columns: 80, rows: 24 };
const WIDE: Size = { columns: 110, rows: 36 };

const WIDE_DETAIL_ROWS = 7;
const WIDE_ACT_ROWS = 4;
const WIDE_RUN_ROWS_LEAST = 6;
const NARROW_DETAIL_ROWS = 4;
const WIDE_ALERT_ROWS = 3;
const NARROW_ALERT_ROWS = 2;
const LIST_ROWS_LEAST = 6;

/** Which of the layouts fits this terminal. */
export function layoutKind({ columns, rows }: Size): Layout['kind'] {
  if (columns < LEAST_SIZE.columns || rows < LEAST_SIZE.rows) return 'small';
  if (columns >= WIDE.columns && rows >= WIDE.rows) return 'wide';
  return columns >= NARROW.columns && rows >= NARROW.rows ? 'narrow' : 'tiny';
}

/** What the Targets screen has to show. */
export interface TargetCounts {
  /** How many there are in all, not how many the filter shows, so that typing a filter does not move the panes. */
  readonly targets: number;
  readonly openAlerts: number;
}

/** Shares out the rows of the Targets screen; without open alerts their pane takes no room from the list. */
export function layoutTargets(size: Size, { targets, openAlerts }: TargetCounts, banner: boolean): Layout {
  const base = frame(size, banner);
  if (base.kind === 'small' || base.kind === 'tiny') return base;
  if (base.kind === 'narrow') {
    const news = openAlerts === 0 ? 0 : 1 + Math.min(openAlerts, NARROW_ALERT_ROWS);
    return { ...base, detail: NARROW_DETAIL_ROWS, news, list: base.list - NARROW_DETAIL_ROWS - news };
  }
  const news = 1 + Math.min(openAlerts, WIDE_ALERT_ROWS);
  const left = base.list - WIDE_DETAIL_ROWS - WIDE_ACT_ROWS - news;
  const list = Math.min(Math.max(targets, LIST_ROWS_LEAST), left - WIDE_RUN_ROWS_LEAST);
  return { ...base, detail: WIDE_DETAIL_ROWS, acts: WIDE_ACT_ROWS, news, list, runs: left - list };
}

/** Rows that a screen of one list would like for its panes, by how much room there is. */
export interface PaneRows {
  readonly detail: number;
  readonly news: number;
  /** Rows the list has at all: where they leave room, the pane about the selected one takes it. */
  readonly listed?: number | undefined;
}

/** Shares out the rows of a list with a pane about the selected row and one about all of them. */
export function layoutList(
  size: Size,
  wished: (kind: 'wide' | 'narrow' | 'tiny') => PaneRows,
  banner: boolean,
): Layout {
  const base = frame(size, banner);
  if (base.kind === 'small') return base;
  const { detail, news, listed } = wished(base.kind);
  const most = base.list - news;
  const spare = listed === undefined || detail === 0 ? 0 : most - Math.max(listed, LIST_ROWS_LEAST);
  const pane = Math.max(detail, spare);
  return { ...base, detail: pane, news, list: most - pane };
}

/** Shares out the rows of a screen that is one list or one page. */
export function layoutPage(size: Size, banner: boolean): Layout {
  return frame(size, banner);
}

/** Header, tabs, banner, list heading, flash line and hints; the list takes the rest. */
function frame({ columns, rows }: Size, banner: boolean): Layout {
  const kind = layoutKind({ columns, rows });
  const empty = { columns, rows, detail: 0, runs: 0, acts: 0, news: 0 };
  if (kind === 'small') return { ...empty, kind, tabs: 0, banner: 0, hints: 0, list: 0 };
  const tabs = kind === 'tiny' && rows < 16 ? 0 : 1;
  const hints = kind === 'tiny' && rows < 12 ? 0 : 1;
  const bannerRows = banner ? 1 : 0;
  // One row each for the header, the heading of the list and the flash line.
  return { ...empty, kind, tabs, hints, banner: bannerRows, list: rows - 3 - tabs - hints - bannerRows };
}
