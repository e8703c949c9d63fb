import type { BackupServices } from '../../keep/backup/backup-services.ts';
import type { RestoreServices } from '../../keep/restore/restore-request.ts';
import type { Progress } from '../../ports/target.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { MachineTime } from './clock-evidence.ts';
import { backUpSource } from './keep-backup.ts';
import { drillSource } from './keep-drill.ts';
import { leaveState } from './keep-leaving.ts';
import { maintainSource } from './keep-maintenance.ts';
import { watchSources } from './keep-real-time.ts';
import type { KeepReport, KeepRequest, KeepSourceReport, KeepStatus, SourceAct } from './keep-request.ts';
import type { KeepNote } from './keep-state.ts';
import { verifySource } from './keep-verify.ts';
import { problemOf } from './problem-text.ts';

/** What a keep run asks of the world. */
export interface KeepServices extends BackupServices, RestoreServices {
  /** Makes a consistent copy of a database that may be in use. */
  copyDatabase(from: string, to: string, signal: AbortSignal | undefined): Promise<void>;
  /** What is wrong with a copy of a database; undefined when it is whole. Absent: drills do not ask. */
  readonly databaseProblem?: (path: string) => string | undefined;
  /** Absent: nothing but the wall clock is known. */
  readonly time?: MachineTime | undefined;
}

/** A keep run under way. */
export interface KeepRun {
  readonly services: KeepServices;
  readonly request: KeepRequest;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly log: (line: string) => void;
  /** Says something beside how the run ended; a standing note stays until a run of the same act does not repeat it. */
  readonly note: (note: Omit<KeepNote, 'act'>) => void;
}

const SOURCE_ACTS = {
  backup: backUpSource,
  maintenance: maintainSource,
  verify: verifySource,
  drill: drillSource,
} satisfies Record<
  Exclude<SourceAct, 'real-time'>,
  (run: KeepRun, source: BackupSourceConfig) => Promise<KeepSourceReport>
>;

/** Most urgent first: the status of a run is the worst of its sources. */
const STATUS_ORDER: readonly KeepStatus[] = [
  'failed',
  'backup_failed',
  'partial',
  'completed',
  'nothing_to_do',
];

/**
 * Does one act for every source of the request, one after the other: a source that fails does not keep the next one
 * from being kept. What the backup roots hold afterwards is left in the state folder, also when the act failed.
 * @throws the first failure, with its code, after all sources have had their turn.
 */
export async function performKeepAct(parts: Omit<KeepRun, 'note'>): Promise<KeepReport> {
  const { services, request } = parts;
  const startedAtMs = services.clock.now();
  const notes: KeepNote[] = [];
  const run: KeepRun = { ...parts, note: (note) => noteOnce(notes, { act: request.act, ...note }) };
  const failures: unknown[] = [];
  const sources: KeepSourceReport[] = [];
  try {
    await actOnSources(run, { sources, failures });
  } catch (error) {
    if (!parts.signal.aborted) throw error;
    failures.unshift(error);
    run.note({ source: request.sources.map(({ id }) => id).join(', '), ...stoppedNote(request, sources) });
  }
  leaveOrLog(run, { notes, failures });
  if (failures.length > 0) throw failures[0];
  return {
    act: request.act,
    runId: request.runId,
    status: worst(sources.map(({ status }) => status)),
    startedAtMs,
    endedAtMs: services.clock.now(),
    sources,
    notes: notes.map(({ source, code, message }) => `${source}: ${code} ${message}`),
    summary: sources.map(summaryOf).join('; '),
  };
}

/** Of what is true of every source each of them may speak for all. */
function noteOnce(notes: KeepNote[], note: KeepNote): void {
  const isSaid = notes.some((said) => JSON.stringify(said) === JSON.stringify(note));
  if (!isSaid) notes.push(note);
}

/** What an operator finds of a run that was stopped: how far it came, and that nothing is half done. */
function stoppedNote(
  { act }: KeepRequest,
  sources: readonly KeepSourceReport[],
): Omit<KeepNote, 'act' | 'source'> {
  const done = sources.length === 0 ? 'no source was finished' : sources.map(summaryOf).join('; ');
  const message = `${act} was stopped before its end: ${done}; what was left behind is removed by the next run`;
  return { code: 'BAT-0506', message, standing: false };
}

/** A state folder that cannot be written must not hide why the act itself failed. */
function leaveOrLog(
  run: KeepRun,
  { notes, failures }: { readonly notes: readonly KeepNote[]; readonly failures: readonly unknown[] },
): void {
  try {
    leaveState(run, notes);
  } catch (error) {
    if (failures.length === 0) throw error;
    run.log(problemOf(error));
  }
}

interface ActEnds {
  readonly sources: KeepSourceReport[];
  readonly failures: unknown[];
}

async function actOnSources(run: KeepRun, { sources: reports, failures }: ActEnds): Promise<void> {
  const { request, log, signal } = run;
  const { act } = request;
  if (act === 'real-time') {
    reports.push(...(await watchSources(run)));
    return;
  }
  for (const source of request.sources) {
    signal.throwIfAborted();
    try {
      const report = await SOURCE_ACTS[act](run, source);
      reports.push(report);
      log(summaryOf(report));
      if (report.manifestSha256 !== undefined)
        log(`${source.id}: manifest of ${report.backupId ?? ''}: sha256 ${report.manifestSha256}`);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
      const problem = problemOf(error);
      reports.push({ source: source.id, status: 'failed', problems: [problem] });
      log(`${source.id}: ${problem}`);
    }
  }
}

function worst(statuses: readonly KeepStatus[]): KeepStatus {
  return STATUS_ORDER.find((status) => statuses.includes(status)) ?? 'nothing_to_do';
}

function summaryOf(report: KeepSourceReport): string {
  const { source, status, backupId, files, deletedFiles, keptFiles, prunedBackups, durationMs } = report;
  const parts = [
    ...(backupId === undefined ? [] : [`backup ${backupId}`]),
    ...(files === undefined ? [] : [`${files} files`]),
    ...(deletedFiles === undefined ? [] : [`deleted ${deletedFiles}`]),
    ...(keptFiles === undefined ? [] : [`kept ${keptFiles} expired`]),
    ...(prunedBackups === undefined || prunedBackups === 0 ? [] : [`pruned ${prunedBackups} backups`]),
    ...(durationMs === undefined ? [] : [`${(durationMs / 1000).toFixed(2)} s`]),
    ...report.problems,
  ];
  return [`${source}: ${status}`, ...parts].join(', ');
}
