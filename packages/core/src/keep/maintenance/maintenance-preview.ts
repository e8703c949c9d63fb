import type { HeldPaths } from '../retention/hold-rules.ts';
import { readHeld } from '../retention/holds-file.ts';
import { boundMass, clockDoubt, DEFAULT_MASS_BOUND, mustShowFirst } from '../retention/retention-guards.ts';
import type { ExpiredFile, KeptFile } from '../retention/retention-policy.ts';
import { scanExpired } from '../retention/scan-expired.ts';
import { readGuardMemory } from './guard-memory.ts';
import { type RetentionCounts, retentionCounts } from './maintenance-report.ts';
import type { MaintenanceRequest, MaintenanceServices } from './maintenance-request.ts';

/** What the next run would delete if its backup succeeds; nothing is written. */
export interface MaintenancePreview {
  readonly retention: RetentionCounts;
  /** What the run would try to delete, in the order of the tree. */
  readonly candidates: readonly ExpiredFile[];
  /** What expired and waits for a later run. */
  readonly deferred: readonly ExpiredFile[];
  /** Why the run would delete nothing at all. */
  readonly heldBack?: string;
  /** Every other file with its reason; at most as many as were asked for. */
  readonly kept: readonly KeptFile[];
}

/** How a run is previewed. */
export interface PreviewOptions {
  /** How many kept files are listed; default 1,000. */
  readonly keptMax?: number | undefined;
  /** What is held; default: what the state folder knows of. */
  readonly held?: HeldPaths | undefined;
}

/** Previews a run. @throws SYS-0160, SYS-0161. */
export function previewMaintenance(
  { files, clock }: Pick<MaintenanceServices, 'files' | 'clock'>,
  request: Omit<MaintenanceRequest, 'runId' | 'strategy' | 'backUp'>,
  options: PreviewOptions = {},
): MaintenancePreview {
  const { dataRoot, backupRoot, copyRoots = [], stateFolder, policy } = request;
  const { massBound = DEFAULT_MASS_BOUND } = request;
  const nowMs = clock.now();
  const { keptMax = 1000, held = readHeld(files, stateFolder, nowMs) } = options;
  const kept: KeptFile[] = [];
  const judgement = scanExpired(files, {
    ...{ dataRoot, policy, nowMs, excluded: [backupRoot, ...copyRoots, stateFolder] },
    heldBy: (path) => held.heldBy(path),
    onKept({ path, size }, reason) {
      if (kept.length < keptMax) kept.push({ path, size, reason });
    },
  });
  const memory = readGuardMemory(files, request);
  const doubt = clockDoubt({ ...request.clockEvidence, nowMs }, memory);
  const shows = mustShowFirst(policy.hash, memory)
    ? 'the rules have changed; the run would only show'
    : undefined;
  const { allowed, deferred } = boundMass(judgement.expired, judgement.seen, massBound);
  const heldBack = doubt === undefined ? shows : `the clock cannot be trusted: ${doubt}`;
  return {
    retention: retentionCounts(judgement),
    candidates: heldBack === undefined ? allowed : [],
    deferred: heldBack === undefined ? deferred : judgement.expired,
    ...(heldBack === undefined ? {} : { heldBack }),
    kept,
  };
}
