import type { AlertView, BackupView, HealthCheckView, SilenceView } from '@qts-ops/core/client';
import { alertWord, isUnanswered, LEVEL_WORDS } from './alert-words.ts';
import { backupKey, backupWord, orderBackups } from './backup-words.ts';
import { checkWord, orderChecks } from './check-words.ts';
import { type FilterFields, matches } from './filter.ts';
import type { ScreenState, Tab } from './screen-state.ts';
import {
  EXECUTION_FIELDS,
  findExecution,
  listReading,
  listWorld,
  TARGET_FIELDS,
  visibleExecutions,
  visibleTargets,
} from './selectors.ts';
import { orderSilences, silenceWord } from './silence-words.ts';
import { isProblem, type Reading } from './target-words.ts';

/** Fields a filter of the Alerts screen can name. */
export const ALERT_FIELDS = ['level', 'state', 'key', 'title', 'type', 'code', 'by', 'label'] as const;

/** Fields a filter of the Health screen can name. */
export const CHECK_FIELDS = ['status', 'check', 'kind', 'message'] as const;

/** Fields a filter of the Backups screen can name. */
export const BACKUP_FIELDS = ['state', 'source', 'id', 'strategy', 'place', 'problem'] as const;

/** Fields a filter of the Silences screen can name. */
export const SILENCE_FIELDS = ['state', 'matcher', 'by', 'reason'] as const;

const FIELDS: Readonly<Record<Tab, readonly string[]>> = {
  targets: TARGET_FIELDS,
  alerts: ALERT_FIELDS,
  executions: EXECUTION_FIELDS,
  backups: BACKUP_FIELDS,
  health: CHECK_FIELDS,
  silences: SILENCE_FIELDS,
};

/** Fields a filter of this list can name. */
export function fieldsOf(tab: Tab): readonly string[] {
  return FIELDS[tab];
}

/** Ids that the filter lets through, in order. `keepId` stays although it does not match. */
export function visibleIds(state: ScreenState, tab: Tab, keepId: string | undefined): readonly string[] {
  switch (tab) {
    case 'targets':
      return visibleTargets(state, keepId);
    case 'executions':
      return visibleExecutions(state, keepId);
    case 'alerts':
    case 'backups':
    case 'health':
    case 'silences':
      return rowsOf(state, tab)
        .filter((row) => row.id === keepId || passes(state, tab, row))
        .map(({ id }) => id);
    default:
      return tab satisfies never;
  }
}

/** True for a row that somebody should look at. */
export function isProblemRow(state: ScreenState, tab: Tab, id: string): boolean {
  if (tab === 'executions') return findExecution(state, id)?.status === 'FAILED';
  if (tab !== 'targets') return rowsOf(state, tab).some((row) => row.id === id && row.problem);
  const target = listWorld(state).targets.get(id);
  return target !== undefined && isProblem(target, listReading(state).nowMs);
}

/** How many rows there are before the filter. */
export function countOf(state: ScreenState, tab: Tab): number {
  if (tab === 'targets') return state.order.ids.length;
  return tab === 'executions' ? state.executions.ids.length : rowsOf(state, tab).length;
}

/** Backups in the order of their list. */
export function listedBackups({ asked }: ScreenState): readonly BackupView[] {
  return orderBackups(asked.backups?.backups ?? []);
}

/** Silences in the order of their list. */
export function listedSilences({ asked, frame }: ScreenState): readonly SilenceView[] {
  return orderSilences(asked.silences ?? [], frame.nowMs);
}

/** The selected or opened alert, as the engine shows it now. */
export function currentAlert(state: ScreenState): AlertView | undefined {
  const page = state.pages.at(-1);
  const id = page?.kind === 'alert' ? page.alertId : onList(state, 'alerts');
  return id === undefined ? undefined : state.world.alerts.find((alert) => alert.id === id);
}

/** The selected or opened check. */
export function currentCheck(state: ScreenState): HealthCheckView | undefined {
  const page = state.pages.at(-1);
  const id = page?.kind === 'check' ? page.checkId : onList(state, 'health');
  return id === undefined ? undefined : state.world.checks.get(id);
}

/** The selected or opened backup. */
export function currentBackup(state: ScreenState): BackupView | undefined {
  const page = state.pages.at(-1);
  const key = page?.kind === 'backup' ? page.key : onList(state, 'backups');
  return key === undefined ? undefined : listedBackups(state).find((backup) => backupKey(backup) === key);
}

/** The selected or opened silence. */
export function currentSilence(state: ScreenState): SilenceView | undefined {
  const page = state.pages.at(-1);
  const id = page?.kind === 'silence' ? page.silenceId : onList(state, 'silences');
  return id === undefined ? undefined : listedSilences(state).find((silence) => silence.id === id);
}

interface FilterRow {
  readonly id: string;
  readonly problem: boolean;
  readonly fields: () => FilterFields;
}

function onList(state: ScreenState, tab: Tab): string | undefined {
  return state.tab === tab && state.pages.length === 0 ? state[tab].place.selectedId : undefined;
}

function passes(state: ScreenState, tab: Tab, row: FilterRow): boolean {
  const { filter, problemsOnly } = state[tab];
  if (problemsOnly && !row.problem) return false;
  return filter.terms.length === 0 || matches(filter, row.fields());
}

function rowsOf(state: ScreenState, tab: 'alerts' | 'backups' | 'health' | 'silences'): readonly FilterRow[] {
  const reading = listReading(state);
  const world = listWorld(state);
  if (tab === 'alerts') return world.alerts.map((alert) => alertRow(alert, reading));
  if (tab === 'backups') return listedBackups(state).map(backupRow);
  if (tab === 'silences')
    return listedSilences(state).map((silence) => silenceRow(silence, state.frame.nowMs));
  return orderChecks(world.checks.values(), reading.nowMs).map((check) => checkRow(check, reading));
}

function alertRow(alert: AlertView, reading: Reading): FilterRow {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`);
  return {
    id: alert.id,
    problem: isUnanswered(alert),
    fields: () => ({
      level: `${LEVEL_WORDS[alert.level]} ${alert.level}`,
      state: alertWord(alert, reading),
      key: alert.dedupKey,
      title: `${alert.title} ${alert.message}`,
      type: alert.alertType,
      code: alert.errorCode ?? '',
      by: alert.acknowledgedBy ?? '',
      label: labels.join(' '),
    }),
  };
}

function checkRow(check: HealthCheckView, reading: Reading): FilterRow {
  const word = checkWord(check, reading);
  return {
    id: check.id,
    problem: word !== 'PASS',
    fields: () => ({
      status: word,
      check: check.id,
      kind: check.kind,
      message: `${check.message ?? ''} ${check.why ?? ''}`,
    }),
  };
}

function backupRow(backup: BackupView): FilterRow {
  return {
    id: backupKey(backup),
    problem: backup.state !== 'verified',
    fields: () => ({
      state: backupWord(backup),
      source: backup.source,
      id: backup.id,
      strategy: backup.strategy,
      place: backup.copy ? 'copy' : 'first',
      problem: backup.problem ?? '',
    }),
  };
}

/** Where nobody is told of something, somebody should know: a silence that holds counts as a problem to step to. */
function silenceRow(silence: SilenceView, nowMs: number): FilterRow {
  const word = silenceWord(silence, nowMs);
  return {
    id: silence.id,
    problem: word === 'ACTIVE',
    fields: () => ({
      state: word,
      matcher: silence.matchers.join(' '),
      by: silence.createdBy,
      reason: silence.reason,
    }),
  };
}
