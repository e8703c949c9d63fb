import { RealTimeBackup } from '../../keep/backup/real-time-backup.ts';
import type { VerifiedBackup } from '../../keep/backup/verify-backup.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import type { KeepRun } from './keep-acts.ts';
import type { KeepSourceReport } from './keep-request.ts';
import { requireBackup, withRoot } from './keep-roots.ts';
import { problemOf } from './problem-text.ts';

/** One run watches so long and then ends, so that its record stays short and a new one begins with the config of now, ms. */
const WATCH_FOR_MS = 10 * 60_000;
/** From one look to the next, ms. */
const LOOK_EVERY_MS = 1_000;

interface Watched {
  readonly source: BackupSourceConfig;
  readonly backup: RealTimeBackup;
  files: number;
  problem: string | undefined;
  /** When the looks began to fail, wall clock, ms. */
  failingSinceMs: number;
}

/**
 * Copies complete files of the sources that ask for it soon after they were written, look by look, until the time of a
 * run is over or it is asked to end. A look that fails is said once and tried again; what still fails at the end is a
 * standing note.
 */
export async function watchSources(run: KeepRun): Promise<readonly KeepSourceReport[]> {
  const { services, signal, progress, log } = run;
  const { to: backupRoot } = requireBackup(run);
  const watched: Watched[] = run.request.sources
    .filter(({ realTime }) => realTime)
    .map((source) => ({
      source,
      backup: new RealTimeBackup(services, { sourceRoot: source.path, backupRoot, globs: source.include }),
      files: 0,
      problem: undefined,
      failingSinceMs: 0,
    }));
  const untilMono = services.clock.mono() + WATCH_FOR_MS;
  while (watched.length > 0 && services.clock.mono() < untilMono && !signal.aborted) {
    for (const one of watched) await look(run, one);
    progress({ done: watched.reduce((sum, { files }) => sum + files, 0), unit: 'files' });
    await services.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  if (watched.length === 0)
    log("no source asks for it; write realTime: true in an entry of 'backup.sources'");
  for (const one of watched) tell(run, one);
  return watched.map(({ source, files, problem }) => ({
    source: source.id,
    status: problem === undefined ? (files === 0 ? 'nothing_to_do' : 'completed') : 'partial',
    files,
    problems: problem === undefined ? [] : [problem],
  }));
}

async function look(run: KeepRun, one: Watched): Promise<void> {
  const { services, request, signal, log } = run;
  try {
    const report = await withRoot(run, one.backup.root, () => one.backup.poll(request.runId, signal));
    one.files += report.complete.length;
    for (const path of report.complete) log(`${one.source.id}: copied ${path}`);
    for (const path of report.partial) log(`${one.source.id}: copied ${path} as far as it has come`);
    one.problem = undefined;
  } catch (error) {
    if (signal.aborted) return;
    const problem = problemOf(error);
    if (problem !== one.problem) log(`${one.source.id}: ${problem}`);
    if (one.problem === undefined) one.failingSinceMs = services.clock.now();
    one.problem = problem;
  }
}

/** Somebody must hear of it: nothing that is written now is copied before the next whole backup. */
function tell(run: KeepRun, { source, problem, failingSinceMs }: Watched): void {
  if (problem === undefined) return;
  const since = new Date(failingSinceMs).toISOString();
  const message = `new files of ${source.path} are not copied since ${since}: ${problem}`;
  run.note({ source: source.id, code: 'BAT-0508', message, standing: true });
}

/** Batches whose every file stands in a verified backup are no longer needed. */
export async function forgetCopied(
  run: KeepRun,
  source: BackupSourceConfig,
  verified: VerifiedBackup | undefined,
): Promise<void> {
  if (!source.realTime || verified === undefined) return;
  const { services, log } = run;
  const backup = new RealTimeBackup(services, { sourceRoot: source.path, backupRoot: requireBackup(run).to });
  if (services.files.facts(backup.root) === undefined) return;
  const removed = await withRoot(run, backup.root, async () => backup.forgetCovered(verified));
  if (removed.length > 0) log(`${source.id}: ${removed.length} real-time batches stand in the backup now`);
}
