import { posix } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { isInside } from '../backup/source-scan.ts';
import type { PathAlias } from '../retention/hold-rules.ts';
import { addHold } from '../retention/holds-file.ts';
import '../retention/retention-errors.ts';
import type { RestoreRequest, RestoreServices } from './restore-request.ts';

const DAY_MS = 86_400_000;
/** How long restored files are kept when nothing else was asked for, ms. */
export const RESTORED_FOR_MS = 30 * DAY_MS;

/**
 * Writes a hold for restored files, before they get their names: a kill leaves no file without one.
 * The constructor throws SYS-0160 when the data set cannot be looked at.
 */
export class RestoreHolds {
  readonly ids: string[] = [];
  readonly #services: RestoreServices;
  readonly #request: RestoreRequest;
  /** How the data sets call what the target holds; empty when no rules apply there. */
  readonly #aliases: readonly PathAlias[];

  constructor(services: RestoreServices, request: RestoreRequest, root: string) {
    this.#services = services;
    this.#request = request;
    const { hold } = request;
    const dataRoots = hold === undefined ? [] : [hold.dataRoot, ...(hold.alsoIn ?? [])];
    const aliases = dataRoots.flatMap((dataRoot) => aliasOf(services, dataRoot, root) ?? []);
    this.#aliases = aliases;
  }

  /** Holds files from now on. @throws SYS-0161 when the hold cannot be written. */
  add(entries: readonly ManifestEntry[]): void {
    const { hold, id, runId } = this.#request;
    const globs = aliasedPaths(entries, this.#aliases);
    if (hold === undefined || globs.length === 0) return;
    const { files, clock } = this.#services;
    const nowMs = clock.now();
    const { forMs = RESTORED_FOR_MS } = hold;
    const holdId = `${runId}-${this.ids.length + 1}`;
    addHold(files, hold.stateFolder, {
      nowMs,
      request: {
        id: holdId,
        kind: 'restored',
        globs,
        reason: `restored from backup ${id}`,
        owner: hold.owner,
        ...(forMs === 'until-released' ? {} : { untilMs: nowMs + forMs }),
      },
    });
    this.ids.push(holdId);
  }
}

/** Undefined for a data set that neither holds the target nor lies in it. */
function aliasOf({ files }: RestoreServices, dataRoot: string, root: string): PathAlias | undefined {
  try {
    if (files.facts(dataRoot) === undefined) return undefined;
    const data = files.realPath(dataRoot);
    if (data === root) return { from: '', to: '' };
    if (isInside(data, root)) return { from: '', to: `${posix.relative(data, root)}/` };
    return isInside(root, data) ? { from: `${posix.relative(root, data)}/`, to: '' } : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw opsException('SYS-0160', `data ${dataRoot}: ${problemText(error)}`, {
      data: { dataRoot },
      cause: error,
    });
  }
}

function aliasedPaths(entries: readonly ManifestEntry[], aliases: readonly PathAlias[]): readonly string[] {
  const paths = aliases.flatMap(({ from, to }) =>
    entries.flatMap(({ path }) => (path.startsWith(from) ? [to + path.slice(from.length)] : [])),
  );
  return [...new Set(paths)];
}
