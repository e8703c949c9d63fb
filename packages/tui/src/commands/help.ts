import { ALERT_FIELDS, BACKUP_FIELDS, CHECK_FIELDS, SILENCE_FIELDS } from '../state/lists.ts';
import { EXECUTION_FIELDS, TARGET_FIELDS } from '../state/selectors.ts';
import type { Command, Place } from './command.ts';
import { COMMANDS, commandsAt } from './command-table.ts';

/** A heading and its entries: key and meaning. */
export interface HelpSection {
  readonly title: string;
  readonly entries: ReadonlyArray<readonly [keys: string, meaning: string]>;
}

const GROUPS: ReadonlyArray<readonly [Command['group'], string]> = [
  ['move', 'Moving'],
  ['look', 'Looking'],
  ['act', 'Acting (each opens a dialog)'],
  ['screen', 'Screens'],
];

/** The help of one place: its keys, then what they do not tell. */
export function helpSections(place: Place): readonly HelpSection[] {
  const commands = place === 'help' ? COMMANDS : commandsAt(place);
  const groups = GROUPS.map(([group, title]) => ({
    title,
    entries: commands.filter((entry) => entry.group === group).map(entryOf),
  }));
  return [...groups.filter(({ entries }) => entries.length > 0), ...NOTES];
}

/** Text fields and dialogs have keys of their own. */
export const NOTES: readonly HelpSection[] = [
  {
    title: 'In a dialog',
    entries: [
      ['enter', 'review what will happen; never confirms'],
      ['y', 'do it (second step only)'],
      ['tab', 'another time, where the act holds for a while (first step)'],
      ['left', 'back to the reason (second step)'],
      ['n esc', 'drop it; nothing is sent'],
    ],
  },
  {
    title: 'In a text field',
    entries: [
      ['left right', 'move the cursor'],
      ['ctrl-a ctrl-e', 'beginning, end'],
      ['ctrl-u ctrl-w', 'delete to the beginning, a word'],
      ['enter esc', 'keep, clear'],
    ],
  },
  {
    title: 'Filter',
    entries: [
      ['kraken', 'rows that hold this regular expression'],
      ['state:fail,susp', `a field begins so; targets: ${TARGET_FIELDS.join(' ')}`],
      ['status:failed', `executions: ${EXECUTION_FIELDS.join(' ')}`],
      ['level:crit', `alerts: ${ALERT_FIELDS.join(' ')}`],
      ['status:unknown', `health: ${CHECK_FIELDS.join(' ')}`],
      ['state:broken', `backups: ${BACKUP_FIELDS.join(' ')}`],
      ['state:active', `silences: ${SILENCE_FIELDS.join(' ')}`],
      ['!kraken', 'rows that do not'],
    ],
  },
];

function entryOf(entry: Command): readonly [string, string] {
  return [entry.keys.join(' '), entry.title];
}
