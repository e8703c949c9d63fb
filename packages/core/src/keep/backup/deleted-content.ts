import { z } from 'zod';
import type { KeepFiles } from '../../ports/keep-files.ts';
import { guardRoot, parseJson } from './backup-root.ts';
import type { DeletedContent } from './coverage-index.ts';
import { rawLines, writeAll } from './manifest-file.ts';
import { damaged } from './manifest-lines.ts';

/** In a backup root: what was deleted from its sources. It only ever grows, and belongs to the backups. */
export const DELETED_RECORD = '.qts-ops-deleted.jsonl';

const LineSchema = z.object({
  source: z.string(),
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  deletedAtMs: z.number(),
  host: z.string().exactOptional(),
});

/**
 * Notes what is about to be deleted from a source, so that pruning never takes the last backup that holds it. Durable
 * when it returns: call it before each batch of deletions, not after.
 * @throws SYS-0141, SYS-0142 when it cannot be written; then nothing of the batch may be deleted.
 */
export function recordDeleted(files: KeepFiles, backupRoot: string, batch: readonly DeletedContent[]): void {
  if (batch.length === 0) return;
  const path = `${backupRoot}/${DELETED_RECORD}`;
  guardRoot(backupRoot, () => {
    const isNew = files.facts(path) === undefined;
    const file = files.openAppend(path, 0o600);
    try {
      // A line of its own, whatever a crash has left of the one before.
      writeAll(file, Buffer.from(batch.map((content) => `\n${JSON.stringify(content)}\n`).join('')));
      file.sync();
    } finally {
      file.close();
    }
    if (isNew) files.syncFolder(backupRoot);
  });
}

/**
 * Everything that was noted, oldest first. A line cut off by a crash was never acted on and is passed over.
 * @throws SYS-0143 when the record is damaged otherwise: then nobody knows what must be kept.
 */
export function* readDeleted(files: KeepFiles, backupRoot: string): Generator<DeletedContent, void, void> {
  const path = `${backupRoot}/${DELETED_RECORD}`;
  if (files.facts(path) === undefined) return;
  const file = files.openRead(path);
  try {
    let odd: string | undefined;
    for (const { bytes } of rawLines(file, { mayBeCut: true })) {
      const text = bytes.toString('utf8');
      // What a crash cut off has no end and is followed by the next line at once; a whole line has both.
      if (odd !== undefined && (text === '' || odd.endsWith('}'))) break;
      odd = undefined;
      if (text === '') continue;
      const parsed = LineSchema.safeParse(parseJson(text));
      if (parsed.success) yield parsed.data;
      else odd = text;
    }
    if (odd !== undefined)
      throw damaged(`${DELETED_RECORD}: ${JSON.stringify(odd.slice(0, 80))} cannot be read`);
  } finally {
    file.close();
  }
}
