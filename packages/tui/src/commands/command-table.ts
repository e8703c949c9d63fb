import type { ScreenState } from '../state/screen-state.ts';
import { currentExecution, currentTargetId, executionsOf, layoutOf, openPage } from '../state/selectors.ts';
import { ACT_COMMANDS } from './act-commands.ts';
import type { Command, CommandContext, Effect, Outcome, Place } from './command.ts';

const LISTS: readonly Place[] = ['targets', 'executions'];
const PAGES: readonly Place[] = ['detail', 'log', 'help'];
const EVERYWHERE: readonly Place[] = [...LISTS, ...PAGES];

const MOVING: readonly Command[] = [
  { ...moving('down', ['j', 'down'], 'one row down', () => 1), hint: { text: 'k move', rank: 12 } },
  moving('up', ['k', 'up'], 'one row up', () => -1),
  moving('half-down', ['ctrl-d'], 'half a page down', (height) => Math.max(1, height >> 1)),
  moving('half-up', ['ctrl-u'], 'half a page up', (height) => -Math.max(1, height >> 1)),
  moving('page-down', ['pgdn', 'ctrl-f', 'space'], 'a page down', (height) => height),
  moving('page-up', ['pgup', 'ctrl-b'], 'a page up', (height) => -height),
  moving('first', ['g', 'home'], 'first row', () => Number.NEGATIVE_INFINITY),
  moving('last', ['G', 'end'], 'last row; in a log: follow it', () => Number.POSITIVE_INFINITY),
  command('move.problem', ['n'], 'next problem', LISTS, 'move', () => ({ kind: 'problem', direction: 1 })),
  command('move.problem-back', ['N'], 'previous problem', LISTS, 'move', () => ({
    kind: 'problem',
    direction: -1,
  })),
];

const LOOKING: readonly Command[] = [
  {
    ...command(
      'open.detail',
      ['enter'],
      'everything about the selected target',
      ['targets'],
      'look',
      ({ state }) => {
        const targetId = currentTargetId(state);
        return targetId === undefined
          ? { kind: 'none' }
          : { kind: 'open', page: { kind: 'detail', targetId, top: 0 } };
      },
    ),
    hint: { text: 'detail', rank: 3 },
  },
  {
    ...command(
      'open.run',
      ['enter'],
      'log and output of the selected execution',
      ['executions'],
      'look',
      openLog,
    ),
    hint: { text: 'log', rank: 3 },
    disabledReason: ({ state }) => (logId(state) === undefined ? 'no execution selected' : undefined),
  },
  {
    ...command(
      'open.log',
      ['l'],
      'log and output of the running or newest execution',
      ['targets', 'detail', 'executions'],
      'look',
      openLog,
    ),
    hint: { text: 'log', rank: 7 },
    disabledReason: ({ state }) =>
      logId(state) === undefined ? 'this target has no execution yet' : undefined,
  },
  {
    ...command(
      'open.executions',
      ['e'],
      'executions of this target',
      ['targets', 'detail'],
      'look',
      ({ state }) => ({
        kind: 'tab',
        tab: 'executions',
        jobId: currentTargetId(state),
      }),
    ),
    hint: { text: 'runs', rank: 8 },
    disabledReason: ({ state }) => (currentTargetId(state) === undefined ? 'no target selected' : undefined),
  },
  {
    ...command(
      'filter',
      ['/'],
      'filter: words, state:fail, !not, regular expressions',
      LISTS,
      'look',
      () => ({ kind: 'filter.start' }),
    ),
    hint: { text: 'filter', rank: 2 },
  },
  {
    ...command('problems', ['!'], 'problems only', LISTS, 'look', () => ({ kind: 'problemsOnly' })),
    hint: { text: 'problems', rank: 10 },
  },
  {
    ...command('freeze', ['F'], 'freeze the list; counts go on', LISTS, 'look', () => ({ kind: 'freeze' })),
    hint: { text: 'freeze', rank: 11 },
  },
  {
    ...command(
      'copy',
      ['y'],
      'copy the id to the clipboard of the terminal',
      ['targets', 'detail', 'executions', 'log'],
      'look',
      ({ state }) => effect({ kind: 'copy', text: copyId(state) ?? '' }),
    ),
    disabledReason: ({ state }) => (copyId(state) === undefined ? 'nothing selected' : undefined),
  },
];

const SCREENS: readonly Command[] = [
  command('screen.targets', ['1'], 'Targets', EVERYWHERE, 'screen', () => ({ kind: 'tab', tab: 'targets' })),
  command('screen.executions', ['3'], 'Executions of all targets', EVERYWHERE, 'screen', () => ({
    kind: 'tab',
    tab: 'executions',
  })),
  command('screen.next', ['tab', 'shift-tab'], 'the other screen', LISTS, 'screen', ({ state }) => ({
    kind: 'tab',
    tab: state.tab === 'targets' ? 'executions' : 'targets',
    jobId: state.tab === 'targets' ? state.jobId : undefined,
  })),
  {
    ...command('help', ['?'], 'help', [...LISTS, 'detail', 'log'], 'screen', () => ({
      kind: 'open',
      page: { kind: 'help', top: 0 },
    })),
    hint: { text: 'help', rank: 0 },
  },
  {
    ...command('back', ['q'], 'back; on the first screen: quit', EVERYWHERE, 'screen', ({ state }) =>
      atTop(state) ? effect({ kind: 'quit' }) : { kind: 'back' },
    ),
    hint: { text: 'quit', rank: 1 },
  },
  command('clear', ['esc'], 'back, or clear the filter', EVERYWHERE, 'screen', () => ({ kind: 'back' })),
  command('repaint', ['ctrl-l'], 'paint the screen anew', EVERYWHERE, 'screen', () =>
    effect({ kind: 'repaint' }),
  ),
  {
    ...command('reconnect', ['ctrl-r'], 'connect again now', EVERYWHERE, 'screen', () =>
      effect({ kind: 'reconnect' }),
    ),
    disabledReason: ({ state }) => (state.link.kind === 'live' ? 'connected' : undefined),
  },
  command('suspend', ['ctrl-z'], 'to the shell; fg comes back', EVERYWHERE, 'screen', () =>
    effect({ kind: 'suspend' }),
  ),
  command('quit', ['ctrl-c'], 'quit at once, from everywhere', EVERYWHERE, 'screen', () =>
    effect({ kind: 'quit' }),
  ),
];

/** Every key of the program outside text fields and dialogs. */
export const COMMANDS: readonly Command[] = [...MOVING, ...LOOKING, ...ACT_COMMANDS, ...SCREENS];

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

type Run = (context: CommandContext) => Outcome;

function command(
  id: string,
  keys: readonly string[],
  title: string,
  places: readonly Place[],
  group: Command['group'],
  run: Run,
): Command {
  return { id, keys, title, places, group, level: 0, run };
}

/** Moving in a list moves the selection, on a page the text. */
function moving(id: string, keys: readonly string[], title: string, by: (height: number) => number): Command {
  return command(`move.${id}`, keys, title, EVERYWHERE, 'move', ({ state, page }) => {
    const open = openPage(state);
    if (open === undefined) return { kind: 'move', by: by(layoutOf(state).list) };
    return { kind: 'scroll', top: open.top + by(page.height), ...page };
  });
}

function effect(what: Effect): Outcome {
  return { kind: 'effect', effect: what };
}

function openLog({ state }: CommandContext): Outcome {
  const executionId = logId(state);
  if (executionId === undefined) return { kind: 'none' };
  return { kind: 'open', page: { kind: 'log', executionId, top: 0, follow: true, seenLines: 0 } };
}

/** The execution whose log is meant: the selected one, else the running or newest one of the target. */
function logId(state: ScreenState): string | undefined {
  const selected = currentExecution(state);
  if (selected !== undefined) return selected.id;
  const id = currentTargetId(state);
  const target = id === undefined ? undefined : state.world.targets.get(id);
  if (target === undefined) return undefined;
  return target.running?.executionId ?? target.lastExecutionId ?? executionsOf(state, target.id)[0]?.id;
}

function copyId(state: ScreenState): string | undefined {
  return currentExecution(state)?.id ?? currentTargetId(state);
}
