import { layoutKind } from '../state/layout.ts';
import type { ScreenState } from '../state/screen-state.ts';
import type { Command, CommandContext, Outcome, PageMeasure } from './command.ts';
import { commandsAt, placeOf } from './command-table.ts';

/** Keys that work everywhere, text fields and dialogs included. */
const ALWAYS: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ['ctrl-c', { kind: 'effect', effect: { kind: 'quit' } }],
  ['ctrl-z', { kind: 'effect', effect: { kind: 'suspend' } }],
  ['ctrl-l', { kind: 'effect', effect: { kind: 'repaint' } }],
]);

const NOTHING: Outcome = { kind: 'none' };

/**
 * What a key does now. A dialog has all keys while it is open, a text field has them while it is typed in; only
 * elsewhere a letter is a command, and no letter does more than open a dialog.
 */
export function press(state: ScreenState, key: string, measure: () => PageMeasure): Outcome {
  const always = ALWAYS.get(key);
  if (always !== undefined) return always;
  // Nobody may act on what cannot be seen.
  if (layoutKind(state.size) === 'small') return NOTHING;
  if (state.dialog !== undefined) {
    // Without a connection an unknown outcome cannot be resolved; connecting again is the way on.
    if (key === 'ctrl-r' && state.link.kind === 'lost')
      return { kind: 'effect', effect: { kind: 'reconnect' } };
    return { kind: 'dialog.key', key };
  }
  if (state.filtering !== undefined) return { kind: 'filter.key', key };
  const found = commandsAt(placeOf(state)).find((entry) => entry.keys.includes(key));
  if (found === undefined) return NOTHING;
  const context: CommandContext = {
    state,
    get page() {
      return measure();
    },
  };
  return runCommand(found, context);
}

function runCommand(found: Command, context: CommandContext): Outcome {
  const reason = found.disabledReason?.(context);
  if (reason === undefined) return found.run(context);
  return {
    kind: 'flash',
    flash: { text: `${found.keys[0]} ${found.hint?.text ?? found.title}: ${reason}`, tone: 'plain' },
  };
}
