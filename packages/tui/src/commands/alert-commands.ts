import { ACT_LEVELS, type AlertAct, actProblem } from '../state/act.ts';
import { currentAlert } from '../state/lists.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { generalProblem } from './act-commands.ts';
import type { Command, Outcome, Place } from './command.ts';

const ON_ALERTS: readonly Place[] = ['alerts', 'alert'];

/** Keys that open the dialog of an act on an alert; none of them does anything by itself. */
export const ALERT_COMMANDS: readonly Command[] = [
  alertCommand('acknowledge', {
    key: 'a',
    title: 'acknowledge: reminders and escalation stop',
    hint: 'ack',
    rank: 4,
  }),
  alertCommand('unacknowledge', {
    key: 'u',
    title: 'give an acknowledged alert back',
    hint: 'give back',
    rank: 9,
  }),
  alertCommand('silence', { key: 's', title: 'silence this key for a while', hint: 'silence', rank: 6 }),
];

/** Why an act on the current alert cannot be asked for now; absent when its dialog opens. */
export function alertActProblem(state: ScreenState, act: AlertAct): string | undefined {
  const general = generalProblem(state);
  if (general !== undefined) return general;
  const alert = currentAlert(state);
  return alert === undefined ? 'no alert selected' : actProblem({ act, alert });
}

interface AlertKey {
  readonly key: string;
  readonly title: string;
  readonly hint: string;
  readonly rank: number;
}

function alertCommand(act: AlertAct, { key, title, hint, rank }: AlertKey): Command {
  return {
    id: `alert.${act}`,
    keys: [key],
    title,
    hint: { text: hint, rank },
    places: ON_ALERTS,
    level: ACT_LEVELS[act],
    group: 'act',
    disabledReason: ({ state }) => alertActProblem(state, act),
    run: ({ state }): Outcome => {
      const alert = currentAlert(state);
      if (alert === undefined) return { kind: 'none' };
      return { kind: 'effect', effect: { kind: 'act', subject: { act, alert } } };
    },
  };
}
