import type { OpenedFile } from '../../ports/keep-files.ts';
import { digestInTurns, type WorkTurns } from '../../ports/work-turns.ts';
import { type CatalogueEntry, readCatalogue } from '../backup/backup-catalogue.ts';
import { systemCode } from '../backup/backup-errors.ts';
import type { ArchiveBlock, BackupManifest } from '../backup/backup-manifest.ts';
import { loadManifest } from '../backup/manifest-file.ts';
import { damaged } from '../backup/manifest-lines.ts';
import type { RestorePlan } from './restore-plan.ts';
import type { RestoreRequest, RestoreServices } from './restore-request.ts';

/** One backup of a chain, ready to be read. */
export interface ChainLink {
  readonly id: string;
  readonly entry: CatalogueEntry;
  readonly manifest: BackupManifest;
  readonly manifestPath: string;
  readonly manifestSha256: string;
  readonly blocks: readonly ArchiveBlock[];
  /** The archive, opened; absent for a folder of copies. */
  readonly file?: OpenedFile;
}

/** A backup of the chain that cannot be read at all. */
export interface BrokenLink {
  readonly id: string;
  readonly problem: unknown;
}

/** The backups that hold what was asked for. */
export class BackupChain {
  readonly links: readonly ChainLink[];
  readonly broken: readonly BrokenLink[];

  /** Opens every backup of which something is wanted. The first that cannot be opened is an error unless `salvage`. */
  constructor(services: RestoreServices, request: RestoreRequest, plan: RestorePlan) {
    const links: ChainLink[] = [];
    const broken: BrokenLink[] = [];
    const { backups } = readCatalogue(services.files, request.backupRoot);
    try {
      for (const id of plan.filesOf.keys()) {
        try {
          links.push(
            openLink(services, request, { id, plan, entry: backups.find((backup) => backup.id === id) }),
          );
        } catch (problem) {
          if (request.salvage !== true) throw problem;
          broken.push({ id, problem });
        }
      }
    } catch (error) {
      for (const { file } of links) if (file !== undefined) closeRead(file);
      throw error;
    }
    this.links = links;
    this.broken = broken;
  }

  /** They were only read: nothing can be lost by a close that fails, and what was restored stays restored. */
  close(): void {
    for (const { file } of this.links) if (file !== undefined) closeRead(file);
  }

  /**
   * True when each archive was once read back as a whole, as recorded beside it, and still has the digest of then.
   * Copies have no digest of their own short of reading them all. `onShare`: told now and then how much of it was read,
   * 0 to 1.
   */
  async standsByDigest(turns: WorkTurns, onShare: (share: number) => void): Promise<boolean> {
    const isKnown = ({ entry, manifestSha256, file }: ChainLink) => {
      const { state, verified } = entry;
      return state === 'verified' && verified?.manifestSha256 === manifestSha256 && file !== undefined;
    };
    if (!this.links.every(isKnown)) return false;
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const all = this.links.reduce((sum, { manifest }) => sum + manifest.archiveBytes, 0);
    let read = 0;
    const onRead = (bytes: number) => {
      read += bytes;
      onShare(Math.min(1, read / all));
    };
    for (const { file, manifest } of this.links) {
      if (file === undefined) return false;
      const { sha256 } = await digestInTurns(file, { buffer, turns, onRead });
      if (sha256 !== manifest.checksum) return false;
    }
    return true;
  }
}

/** Only what the system says is of no interest. */
function closeRead(file: OpenedFile): void {
  try {
    file.close();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

const READ_BYTES = 4 * 1024 * 1024;

function openLink(
  { files }: RestoreServices,
  { backupRoot, salvage }: RestoreRequest,
  {
    id,
    plan,
    entry,
  }: { readonly id: string; readonly plan: RestorePlan; readonly entry: CatalogueEntry | undefined },
): ChainLink {
  if (entry === undefined) throw damaged(`the ancestor ${id} is missing`);
  const manifestPath = `${backupRoot}/${entry.names.manifest}`;
  const { manifest, blocks, sha256 } =
    id === plan.entry.id ? { ...plan, sha256: plan.manifestSha256 } : loadManifest(files, manifestPath);
  const link = { id, entry, manifest, manifestPath, manifestSha256: sha256, blocks };
  if (manifest.id !== id) throw damaged(`${entry.names.manifest} is the manifest of ${manifest.id}`);
  if (manifest.strategy === 'file') return link;
  const file = files.openRead(`${backupRoot}/${entry.names.archive}`);
  const facts = file.facts();
  if (facts.kind === 'file' && (salvage === true || facts.size === manifest.archiveBytes))
    return { ...link, file };
  file.close();
  throw damaged(
    `the archive of ${id} is a ${facts.kind} of ${facts.size} bytes, not ${manifest.archiveBytes}`,
  );
}
