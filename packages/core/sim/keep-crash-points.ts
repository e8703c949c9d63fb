import { readCatalogue } from '../src/keep/backup/backup-catalogue.ts';
import type { CrashLoss } from '../src/testing/memory-files.ts';
import { readBackups } from '../test/keep-reader.ts';
import type { KeepStep, StepWork } from './keep-schedule.ts';
import { KeepSimulation } from './keep-simulation.ts';
import { memoryFolder } from './keep-witness.ts';

/** Everything the chapter does to files, each as one step that can die. */
export const DYING_WORK: Readonly<Record<string, StepWork>> = {
  'backup as gzip': { kind: 'backup', strategy: 1 },
  'backup as zstd': { kind: 'backup', strategy: 2 },
  'incremental backup': { kind: 'backup', strategy: 3 },
  'backup as copies': { kind: 'backup', strategy: 4 },
  verification: { kind: 'verify', backup: 0 },
  pruning: { kind: 'prune', policy: 0 },
  'maintenance of what expired': maintenance('expired-only'),
  'maintenance of everything': maintenance('everything'),
  'second copy': { kind: 'copy', backup: 0 },
  'restore into a folder': { kind: 'restore', backup: 0, inPlace: false },
  'restore in place': { kind: 'restore', backup: 0, inPlace: true },
};

/** What a loss of power may leave; the number chooses change by change. */
export const LOSSES: readonly CrashLoss[] = ['lose', 'names', 'contents', 'keep', 7];

/** What all the deaths of one kind of work showed. */
export interface CrashPoints {
  readonly points: number;
  readonly findings: readonly string[];
}

/**
 * Lets one kind of work die before its calls, every `stride` calls once. The losses come in turn, or all of them at
 * each call with `everyLoss`.
 */
export async function crashAlong(
  work: StepWork,
  { everyLoss = false, stride = 1 }: { readonly everyLoss?: boolean; readonly stride?: number } = {},
): Promise<CrashPoints> {
  const findings: string[] = [];
  let points = 0;
  for (let at = 1; ; at += stride) {
    const losses = everyLoss ? LOSSES : LOSSES.slice(at % LOSSES.length).slice(0, 1);
    let died = false;
    for (const loss of losses) {
      const { died: now, found } = await dieOnce({ work, trouble: { kind: 'crash', at, loss }, edits: [] });
      died = now;
      if (died) points += 1;
      findings.push(...found.map((text) => `call ${at}, loss ${loss}: ${text}`));
    }
    if (!died) return { points, findings };
  }
}

async function dieOnce(
  step: KeepStep,
): Promise<{ readonly died: boolean; readonly found: readonly string[] }> {
  const simulation = new KeepSimulation({
    files: [0, 2, 3, 4, 5, 6].map((path) => ({
      path,
      ageDays: path === 5 ? 0 : 40,
      bytes: 600,
      content: path,
    })),
  });
  const { world, witness } = simulation;
  const calm = { trouble: { kind: 'none' }, edits: [] } as const;
  // Two backups and a file that changed, so that there is something to prune, to copy and to build on.
  await simulation.step({ ...calm, work: { kind: 'backup', strategy: 3 } });
  world.put('other/f.txt', 0, 'written since');
  await simulation.step({ ...calm, work: { kind: 'backup', strategy: 1 } });
  await simulation.step({ ...calm, work: { kind: 'backup', strategy: 3 } });
  const died = await simulation.step(step);
  await simulation.endInPeace();
  await simulation.step({ ...calm, work: { kind: 'backup', strategy: 0 } });
  const left = readCatalogue(world.files, '/backups');
  const found = [...witness.findings];
  if (left.leftovers.length > 0)
    found.push(`left over: ${left.leftovers.map(({ name }) => name).join(', ')}`);
  for (const { id, state } of left.backups) if (state === 'broken') found.push(`${id} is broken`);
  for (const { id, problems } of readBackups(memoryFolder(world.files, '/second'))) {
    if (problems.length > 0) found.push(`the copy of ${id} is broken: ${problems[0]}`);
  }
  const unfinished = world.files.paths('/data').filter((path) => /^(raw|pattern)\//.test(path));
  if (!isRestore(step) && unfinished.length > 0)
    found.push(`expired and still there: ${unfinished.join(', ')}`);
  return { died, found };
}

/** What was restored in place is held. */
function isRestore({ work }: KeepStep): boolean {
  return work.kind === 'restore' && work.inPlace;
}

function maintenance(backUp: 'expired-only' | 'everything'): StepWork {
  return { kind: 'maintenance', backUp, policy: 0, strategy: 1, subset: false, twice: false };
}
