import { type ScreenState, TABS, type Tab } from '../state/screen-state.ts';
import { openPage } from '../state/selectors.ts';
import { TARGET_COMMANDS } from './act-commands.ts';
import { ALERT_COMMANDS } from './alert-commands.ts';
import { type Command, type Effect, EVERYWHERE, LISTS, type Outcome, type Place } from './command.ts';
import { LOOK_COMMANDS } from './look-commands.ts';
import { MOVE_COMMANDS } from './move-commands.ts';
import { SILENCE_COMMANDS } from './silence-commands.ts';

type Screen = Pick<Command, 'id' | 'keys' | 'title' | 'run'> & Partial<Command>;

const SCREENS: readonly Screen[] = [
  { id: 'screen.targets', keys: ['1'], title: 'Targets', run: () => ({ kind: 'tab', tab: 'targets' }) },
  {
    id: 'screen.alerts',
    keys: ['2'],
    title: 'Alerts and what became of their notices',
    run: () => ({ kind: 'tab', tab: 'alerts' }),
  },
  {
    id: 'screen.executions',
    keys: ['3'],
    title: 'Executions of all targets',
    run: () => ({ kind: 'tab', tab: 'executions' }),
  },
  {
    id: 'screen.backups',
    keys: ['4'],
    title: 'Backups and how old the last verified one is',
    run: () => ({ kind: 'tab', tab: 'backups' }),
  },
  {
    id: 'screen.health',
    keys: ['5'],
    title: 'Health: all checks',
    run: () => ({ kind: 'tab', tab: 'health' }),
  },
  {
    id: 'screen.silences',
    keys: ['6'],
    title: 'Silences: what nobody is told of, and until when',
    run: () => ({ kind: 'tab', tab: 'silences' }),
  },
  {
    id: 'screen.next',
    keys: ['tab'],
    title: 'the next screen',
    places: LISTS,
    run: ({ state }) => neighbour(state, 1),
  },
  {
    id: 'screen.previous',
    keys: ['shift-tab'],
    title: 'the screen before',
    places: LISTS,
    run: ({ state }) => neighbour(state, -1),
  },
  {
    id: 'help',
    keys: ['?'],
    title: 'help',
    hint: { text: 'help', rank: 0 },
    places: [...LISTS, 'detail', 'log', 'alert', 'check', 'backup', 'silence'],
    run: () => ({ kind: 'open', page: { kind: 'help', top: 0 } }),
  },
  {
    id: 'back',
    keys: ['q'],
    title: 'back; on the first screen: quit',
    hint: { text: 'quit', rank: 1 },
    run: ({ state }) => (atTop(state) ? effect({ kind: 'quit' }) : { kind: 'back' }),
  },
  { id: 'clear', keys: ['esc'], title: 'back, or clear the filter', run: () => ({ kind: 'back' }) },
  { id: 'repaint', keys: ['ctrl-l'], title: 'paint the screen anew', run: () => effect({ kind: 'repaint' }) },
  {
    id: 'reconnect',
    keys: ['ctrl-r'],
    title: 'connect again now',
    disabledReason: ({ state }) => (state.link.kind === 'live' ? 'connected' : undefined),
    run: () => effect({ kind: 'reconnect' }),
  },
  {
    id: 'suspend',
    keys: ['ctrl-z'],
    title: 'to the shell; fg comes back',
    run: () => effect({ kind: 'suspend' }),
  },
  {
    id: 'quit',
    keys: ['ctrl-c'],
    title: 'quit at once, from everywhere',
    run: () => effect({ kind: 'quit' }),
  },
];

const SCREEN_COMMANDS: readonly Command[] = SCREENS.map((screen) => ({
  places: EVERYWHERE,
  level: 0,
  group: 'screen',
  ...screen,
}));

/** Every key of the program outside text fields and dialogs. */
export const COMMANDS: readonly Command[] = [
  ...MOVE_COMMANDS,
  ...LOOK_COMMANDS,
  ...TARGET_COMMANDS,
  ...ALERT_COMMANDS,
  ...SILENCE_COMMANDS,
  ...SCREEN_COMMANDS,
];

/** The place that has the keys. */
export function placeOf(state: ScreenState): Place {
  return openPage(state)?.kind ?? state.tab;
}

/** Commands that mean something in a place, in the order of the table. */
export function commandsAt(place: Place): readonly Command[] {
  return COMMANDS.filter((entry) => entry.places.includes(place));
}

/** True when `q` leaves the program. */
export function atTop(state: ScreenState): boolean {
  const { filter, problemsOnly } = state.targets;
  const plain = filter.terms.length === 0 && !problemsOnly && state.frozen === undefined;
  return state.tab === 'targets' && state.pages.length === 0 && plain;
}

/** The screen beside this one; the executions come back with the target they were shown of. */
function neighbour(state: ScreenState, direction: 1 | -1): Outcome {
  const index = TABS.indexOf(state.tab) + direction + TABS.length;
  const tab: Tab = TABS[index % TABS.length] ?? 'targets';
  return { kind: 'tab', tab, ...(tab === 'executions' ? { jobId: state.jobId } : {}) };
}

function effect(what: Effect): Outcome {
  return { kind: 'effect', effect: what };
}
