import { ACT_LEVELS, actProblem, type TargetAct } from '../state/act.ts';
import { linkProblem } from '../state/link.ts';
import type { ScreenState } from '../state/screen-state.ts';
import { currentExecution, currentTarget, openPage } from '../state/selectors.ts';
import type { Command, Outcome, Place } from './command.ts';

const ON_TARGETS: readonly Place[] = ['targets', 'detail'];
const ON_RUNS: readonly Place[] = ['targets', 'detail', 'executions', 'log'];

/** Keys that open the dialog of an act on a target; none of them does anything by itself. */
export const TARGET_COMMANDS: readonly Command[] = [
  actCommand('run', {
    keys: ['r'],
    title: 'run the target once now',
    hint: 'run',
    rank: 4,
    places: ON_TARGETS,
  }),
  {
    ...actCommand('pause', {
      keys: ['p'],
      title: 'pause the target, or resume a paused one',
      hint: 'pause',
      rank: 5,
      places: ON_TARGETS,
    }),
    disabledReason: ({ state }) => problemOf(state, pauseAct(state)),
    run: ({ state }) => open(state, pauseAct(state)),
  },
  actCommand('stop', {
    keys: ['x'],
    title: 'stop the running execution',
    hint: 'stop',
    rank: 6,
    places: ON_RUNS,
  }),
  actCommand('reset', {
    keys: ['c'],
    title: 'clear the error counter, which also ends a suspension',
    hint: 'clear errors',
    rank: 9,
    places: ON_TARGETS,
  }),
];

/** Pausing and resuming share a key: what it would do now. */
export function pauseAct(state: ScreenState): 'pause' | 'resume' {
  return currentTarget(state)?.pause === undefined ? 'pause' : 'resume';
}

/** Why no act at all can be asked for now; absent when some can. */
export function generalProblem(state: ScreenState): string | undefined {
  return state.readOnly ? 'this screen is read-only' : linkProblem(state.link, state.frame.localMs);
}

/** Why an act cannot be asked for now; absent when its dialog opens. */
export function problemOf(state: ScreenState, act: TargetAct): string | undefined {
  const general = generalProblem(state);
  if (general !== undefined) return general;
  const target = currentTarget(state);
  if (target === undefined) return 'no target selected';
  if (act === 'run' && state.world.engine?.state === 'draining') return 'the engine is stopping';
  const executionId = stopId(state, act);
  return actProblem({ act, target, ...(executionId === undefined ? {} : { executionId }) });
}

interface ActKey {
  readonly keys: readonly string[];
  readonly title: string;
  readonly hint: string;
  readonly rank: number;
  readonly places: readonly Place[];
}

function actCommand(act: TargetAct, { keys, title, hint, rank, places }: ActKey): Command {
  return {
    id: `target.${act}`,
    keys,
    title,
    hint: { text: hint, rank },
    places,
    level: ACT_LEVELS[act],
    group: 'act',
    disabledReason: ({ state }) => problemOf(state, act),
    run: ({ state }) => open(state, act),
  };
}

function open(state: ScreenState, act: TargetAct): Outcome {
  const target = currentTarget(state);
  if (target === undefined) return { kind: 'none' };
  const executionId = stopId(state, act);
  const scope = executionId === undefined ? {} : { executionId };
  return { kind: 'effect', effect: { kind: 'act', subject: { act, target, ...scope } } };
}

/** A stop is about one execution: the selected one, or on a target the one that is running. */
function stopId(state: ScreenState, act: TargetAct): string | undefined {
  if (act !== 'stop') return undefined;
  const onRun = state.tab === 'executions' || openPage(state)?.kind === 'log';
  return onRun && openPage(state)?.kind !== 'detail'
    ? currentExecution(state)?.id
    : currentTarget(state)?.running?.executionId;
}
