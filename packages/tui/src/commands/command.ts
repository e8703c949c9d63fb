import type { ActSubject } from '../state/act.ts';
import type { Action } from '../state/actions.ts';
import { type ScreenState, TABS } from '../state/screen-state.ts';

/** Where a key means something: one of the lists, a page, or everywhere outside dialogs and text fields. */
export const PLACES = [...TABS, 'detail', 'log', 'alert', 'check', 'backup', 'silence', 'help'] as const;
export type Place = (typeof PLACES)[number];

/** The lists. */
export const LISTS: readonly Place[] = TABS;

/** Lists and pages. */
export const EVERYWHERE: readonly Place[] = PLACES;

/** What reaches outside the screen's state. */
export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'repaint' }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'act'; readonly subject: ActSubject };

/** What pressing a key leads to. */
export type Outcome =
  | Action
  | { readonly kind: 'effect'; readonly effect: Effect }
  | { readonly kind: 'none' };

/** Lines of the open page and rows it can show; for scrolling. */
export interface PageMeasure {
  readonly length: number;
  readonly height: number;
}

/** What a command may look at. */
export interface CommandContext {
  readonly state: ScreenState;
  readonly page: PageMeasure;
}

/**
 * One thing a key does. The handler, the hints at the bottom, the help page and the key reference are all made from
 * these entries, so that they cannot disagree.
 */
export interface Command {
  readonly id: string;
  /** Names of keys, first the one that is shown. */
  readonly keys: readonly string[];
  /** What it does, for help and reference. */
  readonly title: string;
  /** Word for the bottom line; absent: not shown there. Lower rank stays longer when there is little room. */
  readonly hint?: { readonly text: string; readonly rank: number };
  readonly places: readonly Place[];
  /** 0 looks, 1 can be undone, 2 starts or ends work. */
  readonly level: 0 | 1 | 2;
  readonly group: 'move' | 'look' | 'act' | 'screen';
  /** Why the key does nothing now; absent when it does something. */
  readonly disabledReason?: (context: CommandContext) => string | undefined;
  readonly run: (context: CommandContext) => Outcome;
}
