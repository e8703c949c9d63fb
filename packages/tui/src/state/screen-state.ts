import type { ExecutionDetail, ExecutionView, TargetDetail } from '@qts-ops/core/client';
import type { Act } from './act.ts';
import { type Asked, NOTHING_ASKED } from './asked.ts';
import type { Dialog } from './dialog.ts';
import { type Filter, NO_FILTER } from './filter.ts';
import type { Size } from './layout.ts';
import type { Link } from './link.ts';
import { LIST_START, type ListPlace } from './list-rules.ts';
import type { TargetOrder } from './target-order.ts';
import type { TextField } from './text-field.ts';
import { EMPTY_WORLD, type World } from './world.ts';

/** The clocks of one frame, in ms: the engine's as far as it is known, and this machine's. */
export interface Frame {
  readonly nowMs: number;
  readonly localMs: number;
}

/** The lists there are, in the order of their keys. */
export const TABS = ['targets', 'alerts', 'executions', 'backups', 'health', 'silences'] as const;
export type Tab = (typeof TABS)[number];

/** One list with its filter. */
export interface ListView {
  readonly place: ListPlace;
  readonly filter: Filter;
  readonly problemsOnly: boolean;
  /** Ids shown now, in order. */
  readonly ids: readonly string[];
  /** The selected row stays while it is selected, although what the world became no longer passes the filter. */
  readonly keptId?: string;
}

/** A page opened over a list; Esc goes back. `top` is the first line shown. */
export type Page =
  | { readonly kind: 'detail'; readonly targetId: string; readonly top: number }
  | {
      readonly kind: 'log';
      readonly executionId: string;
      readonly top: number;
      readonly follow: boolean;
      readonly seenLines: number;
    }
  | { readonly kind: 'alert'; readonly alertId: string; readonly top: number }
  | { readonly kind: 'check'; readonly checkId: string; readonly top: number }
  | { readonly kind: 'backup'; readonly key: string; readonly top: number }
  | { readonly kind: 'silence'; readonly silenceId: string; readonly top: number }
  | { readonly kind: 'help'; readonly top: number };

/** What was asked about one target beyond the feed. */
export interface SubjectData {
  readonly targetId: string;
  readonly detail?: TargetDetail;
  readonly executions: readonly ExecutionView[];
  /** Why it could not be read; what is there may be old. */
  readonly problem?: string;
}

/** Log and captured output of one execution. */
export interface OutputData {
  readonly executionId: string;
  readonly detail?: ExecutionDetail;
  /** Cleaned lines, oldest first; bounded. */
  readonly lines: readonly string[];
  /** The last line while its end has not arrived. */
  readonly rest: string;
  readonly nextOffset: number;
  readonly missedBytes: number;
  /** Lines that were dropped from the front because the buffer is bounded. */
  readonly droppedLines: number;
  readonly ended: boolean;
  readonly problem?: string;
}

/** A short message in the line above the hints. */
export interface Flash {
  readonly text: string;
  readonly tone: 'good' | 'plain' | 'bad';
}

/** An accepted act whose effect has not been seen yet. */
export interface AwaitedEffect {
  readonly act: Act;
  readonly subjectId: string;
  readonly executionId?: string;
  readonly text: string;
}

/** The list as it stood when it was frozen. */
export interface Frozen {
  readonly by: 'key' | 'dialog';
  readonly world: World;
  readonly nowMs: number;
}

/** Everything the screen is drawn from. */
export interface ScreenState {
  readonly world: World;
  readonly link: Link;
  readonly frame: Frame;
  readonly size: Size;
  readonly operatorId: string;
  readonly endpoint: string;
  /** What starts an engine there. */
  readonly startCommand: string;
  readonly readOnly: boolean;
  /** How much the screen has slowed down for a slow terminal: 0 not at all. */
  readonly slowness: 0 | 1 | 2;
  readonly tab: Tab;
  readonly pages: readonly Page[];
  readonly targets: ListView;
  readonly alerts: ListView;
  readonly executions: ListView;
  readonly backups: ListView;
  readonly health: ListView;
  readonly silences: ListView;
  /** The executions list shows one target only. */
  readonly jobId?: string;
  readonly order: TargetOrder;
  /** The filter is being typed; `anchorId` was selected when that began. */
  readonly filtering?: TextField & { readonly anchorId?: string };
  readonly dialog?: Dialog;
  readonly flash?: Flash;
  readonly frozen?: Frozen;
  readonly awaited?: AwaitedEffect;
  readonly subject?: SubjectData;
  readonly output?: OutputData;
  readonly asked: Asked;
}

/** What is known before anything has happened. */
export interface ScreenStart {
  readonly operatorId: string;
  readonly endpoint: string;
  /** Default: `qts-ops run`. */
  readonly startCommand?: string | undefined;
  readonly readOnly: boolean;
  readonly size: Size;
  readonly localMs: number;
}

const EMPTY_LIST: ListView = { place: LIST_START, filter: NO_FILTER, problemsOnly: false, ids: [] };

/** The screen before the first message of the engine. */
export function startState(start: ScreenStart): ScreenState {
  return {
    world: EMPTY_WORLD,
    link: { kind: 'connecting', attempt: 1 },
    frame: { nowMs: start.localMs, localMs: start.localMs },
    size: start.size,
    operatorId: start.operatorId,
    endpoint: start.endpoint,
    startCommand: start.startCommand ?? 'qts-ops run',
    readOnly: start.readOnly,
    slowness: 0,
    tab: 'targets',
    pages: [],
    targets: EMPTY_LIST,
    alerts: EMPTY_LIST,
    executions: EMPTY_LIST,
    backups: EMPTY_LIST,
    health: EMPTY_LIST,
    silences: EMPTY_LIST,
    order: { ids: [], madeAtMs: start.localMs, due: false },
    asked: NOTHING_ASKED,
  };
}
