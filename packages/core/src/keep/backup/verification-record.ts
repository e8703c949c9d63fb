import type { CatalogueEntry } from './backup-catalogue.ts';
import type { BackupServices } from './backup-services.ts';
import type { CheckedBackup } from './chain-check.ts';
import { seenOf, type VerifiedRecord, writeVerifiedRecord } from './verified-record.ts';

/** How a check ended. */
export interface CheckEnd {
  readonly entry: CatalogueEntry;
  /** Set when it succeeded. */
  readonly checked?: CheckedBackup;
  /** Set when it did not. */
  readonly problem?: string;
}

/** Writes beside a backup how its check ended, so that a list of the folder shows it. */
export function recordOutcome(
  { files, clock, toolVersion }: BackupServices,
  { backupRoot, runId }: { readonly backupRoot: string; readonly runId: string },
  { entry, checked, problem }: CheckEnd,
): void {
  const nowMs = clock.now();
  const known = entry.verified?.id === entry.id ? entry.verified : undefined;
  const factsOf = (name: string) => {
    const facts = files.facts(`${backupRoot}/${name}`);
    return facts === undefined ? null : seenOf(facts);
  };
  const record: VerifiedRecord = {
    schema: 1,
    id: entry.id,
    manifestSha256: checked?.manifestSha256 ?? null,
    outcome: checked === undefined ? 'broken' : 'verified',
    at: new Date(nowMs).toISOString(),
    atMs: nowMs,
    firstVerifiedAtMs: known?.firstVerifiedAtMs ?? (checked === undefined ? null : nowMs),
    files: checked?.manifest.recordCount ?? entry.manifest?.recordCount ?? 0,
    bytes: checked?.manifest.sourceBytes ?? entry.manifest?.sourceBytes ?? 0,
    problem: problem ?? null,
    manifest: factsOf(entry.names.manifest),
    archive: factsOf(entry.names.archive),
    toolVersion,
  };
  writeVerifiedRecord(files, backupRoot, { name: entry.names.verified, runId, record });
}
