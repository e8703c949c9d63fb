import { pauseAct } from '../commands/act-commands.ts';
import type { Command, CommandContext } from '../commands/command.ts';
import { atTop, commandsAt, placeOf } from '../commands/command-table.ts';
import type { ScreenState, Tab } from '../state/screen-state.ts';
import { layoutOf } from '../state/selectors.ts';
import { filterLine } from './header.ts';
import { type Line, line, plain, type Span, spansWidth, toned } from './line.ts';

const FILTER_HINTS: Readonly<Record<Tab, string>> = {
  targets: 'state:fail  kind:command',
  alerts: 'level:crit  state:firing',
  executions: 'status:failed  type:manual',
  backups: 'state:broken  source:raw',
  health: 'status:fail,unknown',
  silences: 'state:active  by:alice',
};

/** The line above the hints: what just happened, or nothing; where there is little room, the filter or the hints. */
export function flashLine(state: ScreenState): Line {
  const { flash } = state;
  const filter = layoutOf(state).tabs === 0 ? filterLine(state) : undefined;
  if (filter !== undefined && (flash === undefined || state.filtering !== undefined)) return filter;
  // Where the hints have no line of their own, a key that is nowhere to be seen is no key.
  if (flash === undefined) return layoutOf(state).hints === 0 ? hintsLine(state) : line();
  return line(toned(flash.tone === 'bad' ? 'alarm' : flash.tone === 'good' ? 'good' : 'strong', flash.text));
}

/** The keys that matter here, from the key table; those that do nothing now are dim. */
export function hintsLine(state: ScreenState): Line {
  if (state.dialog !== undefined)
    return line(toned('dim', 'the dialog has the keys; enter never confirms, esc drops'));
  if (state.filtering !== undefined) {
    return line(
      toned('key', 'enter'),
      plain(' keep  '),
      toned('key', 'esc'),
      plain(' clear  '),
      toned('dim', `${FILTER_HINTS[state.tab]}  !not  regular expressions`),
    );
  }
  const context: CommandContext = { state, page: { length: 0, height: 0 } };
  const { columns } = state.size;
  const hints = commandsAt(placeOf(state)).filter((entry) => entry.hint !== undefined);
  let kept: readonly Command[] = hints;
  let spans = hintSpans(kept, context);
  while (spansWidth(spans) > columns && kept.length > 1) {
    const worst = Math.max(...kept.map((entry) => entry.hint?.rank ?? 0));
    kept = kept.filter((entry) => entry.hint?.rank !== worst);
    spans = hintSpans(kept, context);
  }
  return { spans };
}

function hintSpans(commands: readonly Command[], context: CommandContext): readonly Span[] {
  return commands.flatMap((entry) => {
    const [key = ''] = entry.keys;
    const text = hintText(entry, context.state);
    const disabled = entry.disabledReason?.(context) !== undefined;
    return disabled ? [toned('dim', `${key} ${text}  `)] : [toned('key', key), plain(` ${text}  `)];
  });
}

function hintText(entry: Command, state: ScreenState): string {
  if (entry.id === 'target.pause') return pauseAct(state);
  if (entry.id === 'back') return atTop(state) ? 'quit' : 'back';
  return entry.hint?.text ?? entry.title;
}
