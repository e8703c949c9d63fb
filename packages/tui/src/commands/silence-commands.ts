import { ACT_LEVELS, actProblem, type SilenceSubject } from '../state/act.ts';
import { currentSilence } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { generalProblem } from './act-commands.ts';
import type { Command } from './command.ts';

/** The key that opens the dialog to end a silence before its time. */
export const SILENCE_COMMANDS: readonly Command[] = [
  {
    id: 'silence.end',
    keys: ['x'],
    title: 'end the silence now: whoever should be told is told again',
    hint: { text: 'end silence', rank: 4 },
    places: ['silences', 'silence'],
    level: ACT_LEVELS.unsilence,
    group: 'act',
    disabledReason: ({ state }) => silenceActProblem(state),
    run: ({ state }) => {
      const subject = subjectOf(state);
      return subject === undefined ? { kind: 'none' } : { kind: 'effect', effect: { kind: 'act', subject } };
    },
  },
];

/** Why the current silence cannot be ended now; absent when the dialog opens. */
export function silenceActProblem(state: ScreenState): string | undefined {
  const general = generalProblem(state);
  if (general !== undefined) return general;
  const subject = subjectOf(state);
  return subject === undefined ? 'no silence selected' : actProblem(subject);
}

function subjectOf(state: ScreenState): SilenceSubject | undefined {
  const silence = currentSilence(state);
  return silence === undefined ? undefined : { act: 'unsilence', silence, nowMs: state.frame.nowMs };
}
