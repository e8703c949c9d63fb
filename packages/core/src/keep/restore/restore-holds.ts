import { posix } from 'node:path';
import { opsException } from '../../kernel/ops-exception.ts';
import { problemText, systemCode } from '../backup/backup-errors.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { isInside } from '../backup/source-scan.ts';
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
  /** Where the target lies in the data set; undefined when no rules apply there. */
  readonly #prefix: string | undefined;

  constructor(services: RestoreServices, request: RestoreRequest, root: string) {
    this.#services = services;
    this.#request = request;
    this.#prefix = prefixOf(services, request, root);
  }

  /** Holds files from now on. @throws SYS-0161 when the hold cannot be written. */
  add(entries: readonly ManifestEntry[]): void {
    const { hold, id, runId } = this.#request;
    const prefix = this.#prefix;
    if (hold === undefined || prefix === undefined) return;
    const { files, clock } = this.#services;
    const nowMs = clock.now();
    const { forMs = RESTORED_FOR_MS } = hold;
    const holdId = `${runId}-${this.ids.length + 1}`;
    addHold(files, hold.stateFolder, {
      nowMs,
      request: {
        id: holdId,
        kind: 'restored',
        globs: entries.map(({ path }) => (prefix === '' ? path : `${prefix}/${path}`)),
        reason: `restored from backup ${id}`,
        owner: hold.owner,
        ...(forMs === 'until-released' ? {} : { untilMs: nowMs + forMs }),
      },
    });
    this.ids.push(holdId);
  }
}

function prefixOf({ files }: RestoreServices, { hold }: RestoreRequest, root: string): string | undefined {
  if (hold === undefined) return undefined;
  const { dataRoot } = hold;
  try {
    if (files.facts(dataRoot) === undefined) return undefined;
    const data = files.realPath(dataRoot);
    return isInside(data, root) ? posix.relative(data, root) : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw opsException('SYS-0160', `data ${dataRoot}: ${problemText(error)}`, {
      data: { dataRoot },
      cause: error,
    });
  }
}
