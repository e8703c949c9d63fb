import { type ExecutionView, formatClock, type TargetView } from '@qts-ops/core/client';
import { countAlerts, criticalAlerts } from './alert-words.ts';
import { type FilterFields, matches } from './filter.ts';
import { type Layout, layoutPage, layoutTargets } from './layout.ts';
import { listLayout } from './list-layout.ts';
import type { Page, ScreenState } from './screen-state.ts';
import { isProblem, type Reading, shownStatus, shownWord } from './target-words.ts';
import { EXECUTIONS_KEPT, mergeExecutions, type World } from './world.ts';

/** Fields a filter of the Targets screen can name. */
export const TARGET_FIELDS = ['state', 'kind', 'id', 'title', 'schedule', 'error', 'by'] as const;

/** Fields a filter of the Executions screen can name. */
export const EXECUTION_FIELDS = ['status', 'type', 'job', 'id', 'code', 'by', 'note'] as const;

/** The world the lists are drawn from: frozen while a dialog is open or the operator asked for it. */
export function listWorld(state: ScreenState): World {
  return state.frozen?.world ?? state.world;
}

/** What state words are read from in the lists. */
export function listReading(state: ScreenState): Reading {
  return { nowMs: state.frozen?.nowMs ?? state.frame.nowMs, link: state.link };
}

/** What state words are read from in header, panes and dialogs: always the present. */
export function liveReading(state: ScreenState): Reading {
  return { nowMs: state.frame.nowMs, link: state.link };
}

/** Zone for every time on the screen; UTC until the engine has named its own, or when this machine does not know it. */
export function zoneOf(state: ScreenState): string {
  const zone = state.world.engine?.timeZone;
  return zone !== undefined && isKnownZone(zone) ? zone : 'UTC';
}

const knownZones = new Map<string, boolean>();

function isKnownZone(zone: string): boolean {
  const known = knownZones.get(zone);
  if (known !== undefined) return known;
  let works = true;
  try {
    formatClock(0, zone);
  } catch {
    works = false;
  }
  knownZones.set(zone, works);
  return works;
}

/** The page that has the keys; absent when it is the list itself. */
export function openPage(state: ScreenState): Page | undefined {
  return state.pages.at(-1);
}

/** True when a line that cannot be hidden stands under the header. */
export function hasBanner(state: ScreenState): boolean {
  if (state.link.kind === 'lost' || state.link.kind === 'late') return true;
  return state.world.engine?.state === 'draining' || criticalAlerts(state.world).length > 0;
}

/** How the rows are shared out for what is shown now. */
export function layoutOf(state: ScreenState): Layout {
  const banner = hasBanner(state);
  if (openPage(state) !== undefined) return layoutPage(state.size, banner);
  if (state.tab !== 'targets') return listLayout(state, banner);
  const counts = { targets: listWorld(state).targets.size, openAlerts: countAlerts(state.world).open };
  return layoutTargets(state.size, counts, banner);
}

/** The target that keys are about: of the open page, of the selected execution, or the selected row. */
export function currentTargetId(state: ScreenState): string | undefined {
  const page = openPage(state);
  if (page?.kind === 'detail') return page.targetId;
  if (page?.kind === 'log' || state.tab === 'executions') return currentExecution(state)?.jobId;
  return state.tab === 'targets' ? state.targets.place.selectedId : undefined;
}

/** The target that keys are about, as the engine shows it now, not as the frozen list does. */
export function currentTarget(state: ScreenState): TargetView | undefined {
  const id = currentTargetId(state);
  return id === undefined ? undefined : state.world.targets.get(id);
}

/** The execution that keys are about: of the log page, or the selected row of the executions list. */
export function currentExecution(state: ScreenState): ExecutionView | undefined {
  const page = openPage(state);
  if (page?.kind === 'log') return findExecution(state, page.executionId);
  if (state.tab !== 'executions') return undefined;
  const id = state.executions.place.selectedId;
  return id === undefined ? undefined : findExecution(state, id);
}

/** One execution by its id, from everything that has been read. */
export function findExecution(state: ScreenState, id: string): ExecutionView | undefined {
  const inFeed = state.world.executions.find((execution) => execution.id === id);
  if (inFeed !== undefined) return inFeed;
  const asked = state.subject?.executions.find((execution) => execution.id === id);
  return asked ?? (state.output?.executionId === id ? state.output.detail : undefined);
}

/** The target whose details are asked for beyond the feed. */
export function subjectId(state: ScreenState): string | undefined {
  if (state.tab === 'executions' && openPage(state)?.kind !== 'detail') return state.jobId;
  return currentTargetId(state);
}

/** Newest executions of one target: from the feed, and from what was asked when it is about this target. */
export function executionsOf(state: ScreenState, targetId: string): readonly ExecutionView[] {
  const fromFeed = listWorld(state).executions.filter((execution) => execution.jobId === targetId);
  const asked = state.subject?.targetId === targetId ? state.subject.executions : [];
  return asked.length === 0 ? fromFeed : mergeExecutions(asked, fromFeed, EXECUTIONS_KEPT);
}

/** Executions of the list screen before its filter. */
export function listedExecutions(state: ScreenState): readonly ExecutionView[] {
  return state.jobId === undefined ? listWorld(state).executions : executionsOf(state, state.jobId);
}

/** Ids of the targets that the filter lets through, in order. `keepId` stays although it does not match. */
export function visibleTargets(state: ScreenState, keepId: string | undefined): readonly string[] {
  const { filter, problemsOnly } = state.targets;
  if (filter.terms.length === 0 && !problemsOnly) return state.order.ids;
  const world = listWorld(state);
  const reading = listReading(state);
  return state.order.ids.filter((id) => {
    const target = world.targets.get(id);
    if (target === undefined) return false;
    if (id === keepId) return true;
    if (problemsOnly && !isProblem(target, reading.nowMs)) return false;
    return filter.terms.length === 0 || matches(filter, targetFields(target, reading));
  });
}

/** Ids of the executions that the filter lets through, newest first. */
export function visibleExecutions(state: ScreenState, keepId: string | undefined): readonly string[] {
  const { filter, problemsOnly } = state.executions;
  return listedExecutions(state)
    .filter((execution) => {
      if (execution.id === keepId) return true;
      if (problemsOnly && execution.status !== 'FAILED') return false;
      return filter.terms.length === 0 || matches(filter, executionFields(execution));
    })
    .map((execution) => execution.id);
}

/** What a filter of the Targets screen looks at. */
function targetFields(target: TargetView, reading: Reading): FilterFields {
  return {
    state: shownWord(target, reading),
    kind: target.kind,
    id: target.id,
    title: target.title ?? '',
    schedule: target.schedule,
    error: `${target.lastErrorCode ?? ''} ${target.lastErrorMessage ?? ''}`,
    by: target.pause?.operatorId ?? target.running?.operatorId ?? '',
  };
}

function executionFields(execution: ExecutionView): FilterFields {
  return {
    status: shownStatus(execution),
    type: execution.runType,
    job: execution.jobId,
    id: execution.id,
    code: execution.errorCode ?? '',
    by: execution.operatorId ?? 'scheduler',
    note: `${execution.operatorNote ?? ''} ${execution.stopReason ?? ''} ${execution.errorMessage ?? ''}`,
  };
}
