import { backupKey } from '../state/backup-words.ts';
import { currentAlert, currentBackup, currentCheck, currentSilence } from '../state/lists.ts';
import type { Page, ScreenState } from '../state/screen-state.ts';
import { currentExecution, currentTargetId, executionsOf } from '../state/selectors.ts';
import { type Command, type CommandContext, LISTS, type Outcome, type Place } from './command.ts';

/** Keys that show something else or more; none of them asks the engine to do anything. */
export const LOOK_COMMANDS: readonly Command[] = [
  {
    id: 'open.detail',
    keys: ['enter'],
    title: 'everything about the selected target',
    hint: { text: 'detail', rank: 3 },
    places: ['targets'],
    level: 0,
    group: 'look',
    run: openDetail,
  },
  {
    id: 'open.run',
    keys: ['enter'],
    title: 'log and output of the selected execution',
    hint: { text: 'log', rank: 3 },
    places: ['executions'],
    level: 0,
    group: 'look',
    disabledReason: ({ state }) => (logId(state) === undefined ? 'no execution selected' : undefined),
    run: openLog,
  },
  pageCommand('alert', 'alerts', 'everything about the selected alert'),
  pageCommand('check', 'health', 'everything about the selected check'),
  pageCommand('backup', 'backups', 'everything about the selected backup'),
  pageCommand('silence', 'silences', 'everything about the selected silence'),
  {
    id: 'open.log',
    keys: ['l'],
    title: 'log and output of the running or newest execution; of an alert: the one it is about',
    hint: { text: 'log', rank: 7 },
    places: ['targets', 'detail', 'executions', 'alerts', 'alert'],
    level: 0,
    group: 'look',
    disabledReason: ({ state }) => (logId(state) === undefined ? 'no execution yet' : undefined),
    run: openLog,
  },
  {
    id: 'open.executions',
    keys: ['e'],
    title: 'executions of this target',
    hint: { text: 'runs', rank: 8 },
    places: ['targets', 'detail'],
    level: 0,
    group: 'look',
    disabledReason: ({ state }) => (currentTargetId(state) === undefined ? 'no target selected' : undefined),
    run: ({ state }) => ({ kind: 'tab', tab: 'executions', jobId: currentTargetId(state) }),
  },
  {
    id: 'filter',
    keys: ['/'],
    title: 'filter: words, state:fail, !not, regular expressions',
    hint: { text: 'filter', rank: 2 },
    places: LISTS,
    level: 0,
    group: 'look',
    run: () => ({ kind: 'filter.start' }),
  },
  {
    id: 'problems',
    keys: ['!'],
    title: 'problems only',
    hint: { text: 'problems', rank: 10 },
    places: LISTS,
    level: 0,
    group: 'look',
    run: () => ({ kind: 'problemsOnly' }),
  },
  {
    id: 'freeze',
    keys: ['F'],
    title: 'freeze the list; counts go on',
    hint: { text: 'freeze', rank: 11 },
    places: LISTS,
    level: 0,
    group: 'look',
    run: () => ({ kind: 'freeze' }),
  },
  {
    id: 'copy',
    keys: ['y'],
    title: 'copy the id to the clipboard of the terminal',
    places: [...LISTS, 'detail', 'log', 'alert', 'check', 'backup', 'silence'],
    level: 0,
    group: 'look',
    disabledReason: ({ state }) => (copyId(state) === undefined ? 'nothing selected' : undefined),
    run: ({ state }) => ({ kind: 'effect', effect: { kind: 'copy', text: copyId(state) ?? '' } }),
  },
];

/** Pages that Enter opens on what is selected. */
type OwnPage = 'alert' | 'check' | 'backup' | 'silence';

function pageCommand(kind: OwnPage, place: Place, title: string): Command {
  return {
    id: `open.${kind}`,
    keys: ['enter'],
    title,
    hint: { text: 'detail', rank: 3 },
    places: [place],
    level: 0,
    group: 'look',
    disabledReason: ({ state }) => (pageOf(state, kind) === undefined ? `no ${kind} selected` : undefined),
    run: ({ state }) => {
      const page = pageOf(state, kind);
      return page === undefined ? { kind: 'none' } : { kind: 'open', page };
    },
  };
}

function pageOf(state: ScreenState, kind: OwnPage): Page | undefined {
  if (kind === 'alert') {
    const alert = currentAlert(state);
    return alert === undefined ? undefined : { kind, alertId: alert.id, top: 0 };
  }
  if (kind === 'check') {
    const check = currentCheck(state);
    return check === undefined ? undefined : { kind, checkId: check.id, top: 0 };
  }
  if (kind === 'silence') {
    const silence = currentSilence(state);
    return silence === undefined ? undefined : { kind, silenceId: silence.id, top: 0 };
  }
  const backup = currentBackup(state);
  return backup === undefined ? undefined : { kind, key: backupKey(backup), top: 0 };
}

function openDetail({ state }: CommandContext): Outcome {
  const targetId = currentTargetId(state);
  if (targetId === undefined) return { kind: 'none' };
  return { kind: 'open', page: { kind: 'detail', targetId, top: 0 } };
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
  const alert = currentAlert(state);
  if (alert !== undefined) return alert.executionId;
  const id = currentTargetId(state);
  const target = id === undefined ? undefined : state.world.targets.get(id);
  if (target === undefined) return undefined;
  return target.running?.executionId ?? target.lastExecutionId ?? executionsOf(state, target.id)[0]?.id;
}

function copyId(state: ScreenState): string | undefined {
  const shown = currentAlert(state) ?? currentCheck(state) ?? currentBackup(state) ?? currentSilence(state);
  return shown?.id ?? currentExecution(state)?.id ?? currentTargetId(state);
}
