import { layoutOf, openPage } from '../state/selectors.ts';
import { type Command, EVERYWHERE, LISTS, type Outcome } from './command.ts';

interface Move {
  readonly id: string;
  readonly keys: readonly string[];
  readonly title: string;
  /** Rows to move, for a window of this height. */
  readonly by: (height: number) => number;
  readonly hint?: Command['hint'];
}

const MOVES: readonly Move[] = [
  { id: 'down', keys: ['j', 'down'], title: 'one row down', by: () => 1, hint: { text: 'k move', rank: 12 } },
  { id: 'up', keys: ['k', 'up'], title: 'one row up', by: () => -1 },
  { id: 'half-down', keys: ['ctrl-d'], title: 'half a page down', by: (height) => Math.max(1, height >> 1) },
  { id: 'half-up', keys: ['ctrl-u'], title: 'half a page up', by: (height) => -Math.max(1, height >> 1) },
  { id: 'page-down', keys: ['pgdn', 'ctrl-f', 'space'], title: 'a page down', by: (height) => height },
  { id: 'page-up', keys: ['pgup', 'ctrl-b'], title: 'a page up', by: (height) => -height },
  { id: 'first', keys: ['g', 'home'], title: 'first row', by: () => Number.NEGATIVE_INFINITY },
  {
    id: 'last',
    keys: ['G', 'end'],
    title: 'last row; in a log: follow it',
    by: () => Number.POSITIVE_INFINITY,
  },
];

/** Moving in a list moves the selection, on a page the text. */
export const MOVE_COMMANDS: readonly Command[] = [
  ...MOVES.map(moveCommand),
  problemCommand({ id: 'move.problem', key: 'n', title: 'next problem', direction: 1 }),
  problemCommand({ id: 'move.problem-back', key: 'N', title: 'previous problem', direction: -1 }),
];

function moveCommand({ id, keys, title, by, hint }: Move): Command {
  return {
    id: `move.${id}`,
    keys,
    title,
    ...(hint === undefined ? {} : { hint }),
    places: EVERYWHERE,
    level: 0,
    group: 'move',
    run: ({ state, page }): Outcome => {
      const open = openPage(state);
      if (open === undefined) return { kind: 'move', by: by(layoutOf(state).list) };
      // A followed log stands at its end, wherever its remembered top is.
      const last = Math.max(0, page.length - page.height);
      const top = open.kind === 'log' && open.follow ? last : Math.min(open.top, last);
      return { kind: 'scroll', top: top + by(page.height), ...page };
    },
  };
}

function problemCommand(of: { id: string; key: string; title: string; direction: 1 | -1 }): Command {
  return {
    id: of.id,
    keys: [of.key],
    title: of.title,
    places: LISTS,
    level: 0,
    group: 'move',
    run: () => ({ kind: 'problem', direction: of.direction }),
  };
}
