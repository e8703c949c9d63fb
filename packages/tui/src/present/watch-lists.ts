import { backupKey } from '../state/backup-words.ts';
import type { Layout } from '../state/layout.ts';
import { listedBackups, listedSilences } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { listReading, listWorld, liveReading, zoneOf } from '../state/selectors.ts';
import type { Theme } from '../theme.ts';
import { type AlertRowContext, alertColumns, alertHeading, alertRow } from './alert-row.ts';
import { type BackupRowContext, backupColumns, backupHeading, backupRow } from './backup-row.ts';
import { type CheckRowContext, checkColumns, checkHeading, checkRow } from './check-row.ts';
import { type Line, line, toned } from './line.ts';
import { filled, type KeyedLine } from './screen-lines.ts';
import { silenceColumns, silenceHeading, silenceRow } from './silence-row.ts';

/** Heading and rows of the Alerts list: exactly the rows of the layout plus one. */
export function alertListLines(state: ScreenState, layout: Layout, theme: Theme): readonly KeyedLine[] {
  const columns = alertColumns(layout.columns);
  const context: AlertRowContext = {
    columns,
    reading: listReading(state),
    zone: zoneOf(state),
    theme,
    details: state.asked.alerts,
  };
  const byId = new Map(listWorld(state).alerts.map((alert) => [alert.id, alert]));
  return listLines(state, layout, {
    heading: alertHeading(columns),
    empty: emptyText(state, byId.size, 'no alert: nothing is open and nothing was told lately'),
    row: (id, selected) => {
      const alert = byId.get(id);
      return alert === undefined ? undefined : alertRow(alert, selected, context);
    },
  });
}

/** Heading and rows of the Health list. */
export function checkListLines(state: ScreenState, layout: Layout, theme: Theme): readonly KeyedLine[] {
  const { checks } = listWorld(state);
  const columns = checkColumns(layout.columns, checks.values());
  const context: CheckRowContext = { columns, reading: listReading(state), zone: zoneOf(state), theme };
  return listLines(state, layout, {
    heading: checkHeading(columns),
    empty: emptyText(
      state,
      checks.size,
      'no checks: add them to the config of the engine and start it again',
    ),
    row: (id, selected) => {
      const check = checks.get(id);
      return check === undefined ? undefined : checkRow(check, selected, context);
    },
  });
}

/** Heading and rows of the Backups list. */
export function backupListLines(state: ScreenState, layout: Layout, theme: Theme): readonly KeyedLine[] {
  const backups = listedBackups(state);
  const columns = backupColumns(layout.columns, backups);
  const context: BackupRowContext = { columns, reading: listReading(state), zone: zoneOf(state), theme };
  const byKey = new Map(backups.map((backup) => [backupKey(backup), backup]));
  return listLines(state, layout, {
    heading: backupHeading(columns),
    empty: emptyText(state, backups.length, noBackups(state)),
    row: (key, selected) => {
      const backup = byKey.get(key);
      return backup === undefined ? undefined : backupRow(backup, selected, context);
    },
  });
}

/** Heading and rows of the Silences list. */
export function silenceListLines(state: ScreenState, layout: Layout): readonly KeyedLine[] {
  const silences = listedSilences(state);
  const columns = silenceColumns(layout.columns, silences);
  const context = { columns, reading: liveReading(state), zone: zoneOf(state) };
  const byId = new Map(silences.map((silence) => [silence.id, silence]));
  return listLines(state, layout, {
    heading: silenceHeading(columns),
    empty: emptyText(state, silences.length, noSilences(state)),
    row: (id, selected) => {
      const silence = byId.get(id);
      return silence === undefined ? undefined : silenceRow(silence, selected, context);
    },
  });
}

function noSilences({ asked }: ScreenState): string {
  if (asked.problems.silences !== undefined) return `could not be read: ${asked.problems.silences}`;
  return asked.silences === undefined
    ? 'not read yet'
    : 'nothing is silenced; s on an alert (2) does that for a while';
}

function noBackups({ asked }: ScreenState): string {
  if (asked.problems.backups !== undefined) return 'could not be read';
  if (asked.backups === undefined) return 'not read yet';
  return asked.backups.configured
    ? 'no backup yet: none has been made'
    : 'no backup in the config of the engine';
}

function emptyText(state: ScreenState, all: number, none: string): string {
  if (state.world.engine === undefined) return `no data yet from ${state.endpoint}`;
  return all === 0 ? none : `0 of ${all} match, esc clears the filter`;
}

interface Rows {
  readonly heading: Line;
  readonly empty: string;
  readonly row: (id: string, selected: boolean) => Line | undefined;
}

function listLines(state: ScreenState, layout: Layout, { heading, empty, row }: Rows): readonly KeyedLine[] {
  const { ids, place } = state[state.tab];
  const rows = ids.slice(place.top, place.top + layout.list).flatMap((id) => {
    const drawn = row(id, id === place.selectedId);
    return drawn === undefined ? [] : [{ key: id, line: drawn }];
  });
  const none = rows.length === 0 ? [{ key: '-empty', line: line(toned('dim', `  ${empty}`)) }] : [];
  return filled([{ key: '-heading', line: heading }, ...rows, ...none], layout.list + 1);
}
