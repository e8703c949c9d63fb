import type { KeepFiles } from '../../ports/keep-files.ts';
import type { ManifestEntry } from '../backup/backup-manifest.ts';
import { parseJson } from '../backup/backup-root.ts';
import { readAt } from '../backup/manifest-file.ts';

/**
 * Looks whether a restored file can be used, which a digest cannot tell: it may have been broken when it was backed up.
 * Gives what is wrong with it; undefined when it is good or none of its business. `path` is where the file is now.
 */
export type DrillCheck = (
  path: string,
  entry: ManifestEntry,
) => string | undefined | Promise<string | undefined>;

/** Longest last line that is looked at, bytes. */
const LINE_BYTES_MAX = 1024 * 1024;

/** The last line of every `.jsonl` file is JSON; of a file that grew while it was backed up it may be cut. */
export function lastLineParses(files: KeepFiles): DrillCheck {
  return (path, entry) => {
    if (!entry.path.endsWith('.jsonl') || entry.state === 'grown' || entry.size === 0) return undefined;
    const file = files.openRead(path);
    try {
      const length = Math.min(entry.size, LINE_BYTES_MAX);
      const tail = readAt(file, entry.size - length, length)
        .toString('utf8')
        .trimEnd();
      const line = tail.slice(tail.lastIndexOf('\n') + 1);
      if (line === '' || parseJson(line) !== undefined) return undefined;
      return `its last line is not JSON: ${JSON.stringify(line.slice(0, 80))}`;
    } finally {
      file.close();
    }
  };
}

/** Asks several checks; the first problem counts. */
export function allChecks(checks: readonly DrillCheck[]): DrillCheck {
  return async (path, entry) => {
    for (const check of checks) {
      const problem = await check(path, entry);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}
