import { posix } from 'node:path';
import type { BackupManifest, ManifestEntry } from '../../keep/backup/backup-manifest.ts';
import { loadManifest } from '../../keep/backup/manifest-file.ts';
import { isInside } from '../../keep/backup/source-scan.ts';
import { type MaintenancePreview, previewMaintenance } from '../../keep/maintenance/maintenance-preview.ts';
import { type ExplainedPath, explainPath } from '../../keep/retention/explain-path.ts';
import type { HeldPaths } from '../../keep/retention/hold-rules.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { BackupSourceConfig } from '../config/keep-config.ts';
import { clockEvidenceOf } from './clock-evidence.ts';
import {
  type DeskChoice,
  findBackup,
  type KeepDesk,
  requireBackupConfig,
  requireKnown,
} from './keep-desk.ts';
import { heldIn } from './keep-holds.ts';
import { plannedPeriodMs } from './keep-period.ts';
import { expiredSetOf } from './keep-roots.ts';
import { retentionPolicyOf } from './source-policy.ts';

/** Everything about one backup. */
export interface ShownBackup {
  readonly id: string;
  readonly backupRoot: string;
  readonly archive: string;
  readonly state: 'verified' | 'unverified' | 'broken';
  readonly problem?: string;
  readonly manifest?: BackupManifest;
  readonly verifiedAtMs?: number;
  readonly hold?: { readonly reason: string; readonly owner: string; readonly untilMs: number | null };
  /** Only when they were asked for. */
  readonly files?: readonly ManifestEntry[];
}

/** Shows one backup. @throws INP-0804, INP-0842, SYS-0142; SYS-0143 when files are asked for and cannot be read. */
export function showBackup(
  desk: KeepDesk,
  choice: DeskChoice,
  { withFiles }: { readonly withFiles: boolean },
): ShownBackup {
  const { backupRoot, entry } = findBackup(desk, choice);
  const { id, names, state, problem, manifest, verified, hold } = entry;
  return {
    ...{ id, backupRoot, archive: names.archive, state },
    ...(problem === undefined ? {} : { problem }),
    ...(manifest === undefined ? {} : { manifest }),
    ...(verified?.outcome === 'verified' ? { verifiedAtMs: verified.atMs } : {}),
    ...(hold === undefined ? {} : { hold }),
    ...(withFiles ? { files: entriesOf(desk, `${backupRoot}/${names.manifest}`) } : {}),
  };
}

function entriesOf({ services }: KeepDesk, manifestPath: string): readonly ManifestEntry[] {
  const entries: ManifestEntry[] = [];
  loadManifest(services.files, manifestPath, ({ line }) => {
    if (line.kind === 'entry') entries.push(line.entry);
  });
  return entries;
}

/** What the next maintenance run would do to one source. */
export interface SourcePreview extends MaintenancePreview {
  readonly source: string;
  readonly path: string;
}

/**
 * Previews the next maintenance run; nothing is written.
 * @throws INP-0804 for a source the config does not name, INP-0806, SYS-0160, SYS-0161.
 */
export async function previewSources(
  desk: KeepDesk,
  sources?: readonly string[],
): Promise<readonly SourcePreview[]> {
  const { services, stateFolder, config } = desk;
  const backup = requireBackupConfig(desk);
  requireKnown(backup, sources);
  const wanted = backup.sources.filter(({ id }) => sources === undefined || sources.includes(id));
  const nowMs = services.clock.now();
  const periodMs = config === undefined ? undefined : plannedPeriodMs(config, 'maintenance', nowMs);
  const asked = { services, request: { stateFolder, ...(periodMs === undefined ? {} : { periodMs }) } };
  const previews: SourcePreview[] = [];
  for (const source of wanted) {
    const request = {
      dataRoot: source.path,
      backupRoot: backup.to,
      stateFolder,
      policy: retentionPolicyOf(source, config?.keep.retention ?? [], config?.timeZone ?? 'UTC'),
      set: expiredSetOf(source),
      copyRoots: backup.copyTo === undefined ? [] : [backup.copyTo],
      clockEvidence: await clockEvidenceOf(asked, source.path),
    };
    const preview = previewMaintenance(services, request, { held: heldOf(desk, source) });
    previews.push({ source: source.id, path: source.path, ...preview });
  }
  return previews;
}

/** What the next run would hold of a source: it learns from the places of backups first. */
function heldOf({ services, stateFolder, config }: KeepDesk, source: BackupSourceConfig): HeldPaths {
  const backup = config?.keep.backup;
  const request = { stateFolder, ...(backup === undefined ? {} : { backup }) };
  return heldIn({ services, request }, source);
}

/** A file of a source, explained. */
export interface ExplainedFile extends ExplainedPath {
  readonly source: string;
}

/**
 * Says which rule matches a file and why it may go or stays. The path is absolute, or relative to a source.
 * @throws INP-0806, INP-0808 when no source has it, SYS-0160, SYS-0161.
 */
export function explainFile(desk: KeepDesk, path: string, cwd: string): ExplainedFile {
  const { services, stateFolder, config } = desk;
  const { files, clock } = services;
  const backup = requireBackupConfig(desk);
  const nowMs = clock.now();
  for (const { source, relative } of placesOf(desk, backup.sources, { path, cwd })) {
    const policy = retentionPolicyOf(source, config?.keep.retention ?? [], config?.timeZone ?? 'UTC');
    const places = [backup.to, ...(backup.copyTo === undefined ? [] : [backup.copyTo])];
    const held = heldOf(desk, source);
    const asked = { policy, nowMs, excluded: [...places, stateFolder], dataRoot: source.path };
    const explained = explainPath(files, { ...asked, heldBy: (name) => held.heldBy(name) }, relative);
    if (explained !== undefined) return { source: source.id, ...explained };
  }
  const roots = backup.sources.map((source) => source.path).join(', ');
  throw opsException('INP-0808', `path: ${path}; allowed: a file below ${roots}`, { data: { path } });
}

function* placesOf(
  { services }: KeepDesk,
  sources: readonly BackupSourceConfig[],
  { path, cwd }: { readonly path: string; readonly cwd: string },
): Generator<{ readonly source: BackupSourceConfig; readonly relative: string }> {
  const absolute = posix.resolve(cwd, path);
  for (const source of sources) {
    if (isInside(source.path, absolute)) yield { source, relative: posix.relative(source.path, absolute) };
    if (services.files.facts(source.path) === undefined) continue;
    const real = services.files.realPath(source.path);
    if (isInside(real, absolute)) yield { source, relative: posix.relative(real, absolute) };
  }
  if (posix.isAbsolute(path)) return;
  for (const source of sources) yield { source, relative: posix.normalize(path) };
}
