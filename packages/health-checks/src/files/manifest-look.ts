import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listFiles } from '../look/listed-files.ts';
import type { Verdict } from '../look/look.ts';
import { openFile } from '../look/open-file.ts';
import { shownBytes } from '../look/shown-numbers.ts';

/** Manifests longer than this are not read. */
const MANIFEST_MAX_BYTES = 1_073_741_824;
/** The first line names the archive and is far shorter. */
const HEAD_MAX_BYTES = 65_536;
/** The stamp in the name of a backup; names with it sort in the order of time. */
const STAMP = /\d{8}T\d{6}\.\d{3}Z/;

/** What was found of the newest backup of a folder. */
export interface ManifestSight extends Verdict {
  readonly manifest?: string | undefined;
}

/** Looks whether the newest manifest of a backup folder is whole by its own digest and its archive is there. */
export async function lookAtNewestManifest(folder: string, signal: AbortSignal): Promise<ManifestSight> {
  const manifests = await listFiles(folder, '*.manifest.jsonl', signal);
  const [newest] = [...manifests].sort((a, b) => (stampOf(a.path) < stampOf(b.path) ? 1 : -1));
  if (newest === undefined) return { status: 'fail', reason: `${folder} holds no backup manifest` };
  const manifest = basename(newest.path);
  if (newest.bytes > MANIFEST_MAX_BYTES) {
    return {
      status: 'unknown',
      reason: `${manifest} has ${shownBytes(newest.bytes)}, too much to read`,
      manifest,
    };
  }
  const reason = await damageOf(newest.path, newest.bytes, signal);
  return reason === undefined
    ? { status: 'pass', reason: `manifest ${manifest} is whole`, manifest }
    : { status: 'fail', reason: `manifest ${manifest} ${reason}`, manifest };
}

async function damageOf(path: string, bytes: number, signal: AbortSignal): Promise<string | undefined> {
  const ending = await endOf(path, bytes);
  const said = /^\{"manifestSha256":"([0-9a-f]{64})"\}\n$/.exec(ending)?.[1];
  if (said === undefined) return 'does not end with its digest: it is cut off or damaged';
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: bytes - ending.length - 1, signal }))
    digest.update(chunk);
  if (digest.digest('hex') !== said) return 'is not what its digest says: it was changed or damaged';
  const archive = await archiveNamedIn(path);
  if (archive === undefined) return 'names no archive';
  try {
    await access(join(dirname(path), archive));
    return undefined;
  } catch {
    return `is there without its archive ${archive}`;
  }
}

/** The digest line has a fixed length, so nothing else has to be read to find it. */
const DIGEST_LINE_BYTES = `{"manifestSha256":"${'0'.repeat(64)}"}\n`.length;

async function endOf(path: string, bytes: number): Promise<string> {
  return readAt(path, Math.max(0, bytes - DIGEST_LINE_BYTES), DIGEST_LINE_BYTES);
}

async function archiveNamedIn(path: string): Promise<string | undefined> {
  const [line = ''] = (await readAt(path, 0, HEAD_MAX_BYTES)).split('\n', 1);
  const name = /"archive_name":"([^"/\\]+)"/.exec(line)?.[1];
  return name === '..' || name === '.' ? undefined : name;
}

async function readAt(path: string, at: number, length: number): Promise<string> {
  await using file = await openFile(path);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.toString('utf8', 0, bytesRead);
}

function stampOf(path: string): string {
  return STAMP.exec(basename(path))?.[0] ?? '';
}
