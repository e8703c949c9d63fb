import { backupError } from './backup-errors.ts';
import {
  type ArchiveBlock,
  MANIFEST_SCHEMA,
  type ManifestEntry,
  type ManifestFoot,
  type ManifestHead,
  type SkippedEntry,
} from './backup-manifest.ts';

/** One line of a manifest file. */
export type ManifestLine =
  | { readonly kind: 'head'; readonly head: ManifestHead }
  | { readonly kind: 'entry'; readonly entry: ManifestEntry }
  | { readonly kind: 'skipped'; readonly skipped: SkippedEntry }
  | { readonly kind: 'block'; readonly block: ArchiveBlock }
  | { readonly kind: 'foot'; readonly foot: ManifestFoot }
  | { readonly kind: 'end'; readonly sha256: string };

/** The first line. */
export function headLine(head: ManifestHead): string {
  const { backupAt, archiveName, ...rest } = head;
  return `${JSON.stringify({ manifest: 'qts-ops', ...rest, backup_at: backupAt, archive_name: archiveName })}\n`;
}

/**
 * A file. What is the same for nearly every file is left out: the device (it is the source's), one name, a stable
 * state. Written by hand because a manifest may have a million of them.
 */
export function entryLine(entry: ManifestEntry, sourceDev: string): string {
  let line = `{"path":${JSON.stringify(entry.path)},"kind":"file","size":${entry.size},"sha256":"${entry.sha256}"`;
  line += `,"ino":"${entry.ino}","mode":${entry.mode},"mtimeNs":"${entry.mtimeNs}","ctimeNs":"${entry.ctimeNs}"`;
  if (entry.dev !== sourceDev) line += `,"dev":"${entry.dev}"`;
  if (entry.nlink !== 1) line += `,"nlink":${entry.nlink}`;
  if (entry.state !== 'stable') line += `,"state":"${entry.state}"`;
  if (entry.block !== undefined) line += `,"block":${entry.block},"offset":${entry.offset ?? 0}`;
  if (entry.heldBy !== undefined) line += `,"heldBy":${JSON.stringify(entry.heldBy)}`;
  if (entry.extra === true) line += ',"extra":true';
  return `${line}}\n`;
}

/** A name that was left out. */
export function skippedLine({ path, reason, detail }: SkippedEntry): string {
  return `${JSON.stringify({ skipped: path, reason, ...(detail === undefined ? {} : { detail }) })}\n`;
}

/** A block of the archive. */
export function blockLine({ at, length, unpacked }: ArchiveBlock): string {
  return `{"at":${at},"length":${length},"unpacked":${unpacked}}\n`;
}

/** The line before the last. */
export function footLine({ recordCount, ...rest }: ManifestFoot): string {
  return `${JSON.stringify({ record_count: recordCount, ...rest })}\n`;
}

/** The last line: the digest of all lines before it. */
export function endLine(sha256: string): string {
  return `{"manifestSha256":"${sha256}"}\n`;
}

/**
 * Reads one line back. `sourceDev` is the device of the head, which entries leave out.
 * @throws SYS-0143 when it is none of ours, or of a newer version.
 */
export function parseManifestLine(text: string, sourceDev: string): ManifestLine {
  const plain = plainEntry(text, sourceDev);
  if (plain !== undefined) return { kind: 'entry', entry: plain };
  const fields = parseFields(text);
  if ('path' in fields) return { kind: 'entry', entry: toEntry(fields, sourceDev) };
  if ('at' in fields) {
    return {
      kind: 'block',
      block: {
        at: count(fields, 'at'),
        length: count(fields, 'length'),
        unpacked: count(fields, 'unpacked'),
      },
    };
  }
  if ('skipped' in fields) return { kind: 'skipped', skipped: toSkipped(fields) };
  if ('manifest' in fields) return { kind: 'head', head: toHead(fields) };
  if ('record_count' in fields) return { kind: 'foot', foot: toFoot(fields) };
  if ('manifestSha256' in fields) return { kind: 'end', sha256: digest(fields, 'manifestSha256') };
  throw damaged(`unknown line ${text.slice(0, 80)}`);
}

/** The error of a manifest that cannot be used. */
export function damaged(what: string, cause?: unknown): Error {
  return backupError('SYS-0143', `manifest: ${what}; use another backup or the second copy`, { cause });
}

/** An entry just as `entryLine` writes nearly every one: nothing in its path to be escaped, no field out of the ordinary. */
const PLAIN_ENTRY = new RegExp(
  [
    String.raw`^\{"path":"([^\u0000-\u001f"\\]+)","kind":"file","size":(0|[1-9]\d{0,14})`,
    String.raw`"sha256":"([0-9a-f]{64})","ino":"(-?\d{1,20})","mode":(0|[1-9]\d{0,4})`,
    String.raw`"mtimeNs":"(-?\d{1,20})","ctimeNs":"(-?\d{1,20})"`,
  ].join(',') +
    String.raw`(?:,"block":(0|[1-9]\d{0,9}),"offset":(0|[1-9]\d{0,9}))?(?:,"heldBy":"([\w.-]+)")?\}$`,
);

/** Reads such an entry several times faster than the long way does; every other line goes the long way. */
function plainEntry(line: string, sourceDev: string): ManifestEntry | undefined {
  const found = PLAIN_ENTRY.exec(line);
  if (found === null) return undefined;
  const [, path = '', size, sha256 = '', ino = '', mode, mtimeNs = '', ctimeNs = '', block, offset, heldBy] =
    found;
  if (!isSafePath(path)) return undefined;
  const entry: { -readonly [Name in keyof ManifestEntry]: ManifestEntry[Name] } = {
    path,
    kind: 'file',
    size: Number(size),
    sha256,
    dev: sourceDev,
    ino,
    mode: Number(mode),
    mtimeNs,
    ctimeNs,
    nlink: 1,
    state: 'stable',
  };
  if (block !== undefined) {
    entry.block = Number(block);
    entry.offset = Number(offset);
  }
  if (heldBy !== undefined) entry.heldBy = heldBy;
  return entry;
}

type Fields = Readonly<Record<string, unknown>>;

function parseFields(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(`line ${JSON.stringify(text.slice(0, 80))} is not JSON`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damaged(`line ${JSON.stringify(text.slice(0, 80))} is not an object`);
  }
  return value as Fields; // an object was just seen; every field is checked where it is read
}

function toEntry(fields: Fields, sourceDev: string): ManifestEntry {
  const path = text(fields, 'path');
  if (!isSafePath(path)) throw damaged(`path ${JSON.stringify(path)} does not stay inside the source`);
  if (fields['kind'] !== 'file') throw damaged(`kind ${JSON.stringify(fields['kind'])} is not "file"`);
  const state = fields['state'] ?? 'stable';
  if (state !== 'stable' && state !== 'grown') throw damaged(`state ${JSON.stringify(state)} is unknown`);
  return {
    path,
    kind: 'file',
    size: count(fields, 'size'),
    sha256: digest(fields, 'sha256'),
    dev: fields['dev'] === undefined ? sourceDev : integer(fields, 'dev'),
    ino: integer(fields, 'ino'),
    mode: count(fields, 'mode'),
    mtimeNs: integer(fields, 'mtimeNs'),
    ctimeNs: integer(fields, 'ctimeNs'),
    nlink: fields['nlink'] === undefined ? 1 : count(fields, 'nlink'),
    state,
    ...(fields['block'] === undefined
      ? {}
      : { block: count(fields, 'block'), offset: count(fields, 'offset') }),
    ...(fields['heldBy'] === undefined ? {} : { heldBy: text(fields, 'heldBy') }),
    ...(fields['extra'] === true ? { extra: true } : {}),
  };
}

const SKIPPED_REASONS: ReadonlySet<unknown> = new Set([
  ...['symlink', 'symlink-outside', 'special', 'other-device', 'not-utf8', 'vanished', 'changing'],
  ...['unreadable', 'too-young'],
]);

function toSkipped(fields: Fields): SkippedEntry {
  const reason = fields['reason'];
  if (!SKIPPED_REASONS.has(reason)) throw damaged(`reason ${JSON.stringify(reason)} is unknown`);
  return {
    path: text(fields, 'skipped'),
    reason: reason as SkippedEntry['reason'], // a member of the set above
    ...(fields['detail'] === undefined ? {} : { detail: text(fields, 'detail') }),
  };
}

function toHead(fields: Fields): ManifestHead {
  const schema = count(fields, 'schema');
  if (schema > MANIFEST_SCHEMA) {
    throw damaged(`it has schema ${schema} and this version knows up to ${MANIFEST_SCHEMA}`);
  }
  const { strategy, codec, globs } = fields;
  if (strategy !== 'archive' && strategy !== 'file' && strategy !== 'incremental') {
    throw damaged(`strategy ${JSON.stringify(strategy)} is unknown`);
  }
  if (codec !== 'gzip' && codec !== 'zstd' && codec !== 'store') {
    throw damaged(`codec ${JSON.stringify(codec)} is unknown`);
  }
  return {
    schema: MANIFEST_SCHEMA,
    id: text(fields, 'id'),
    runId: text(fields, 'runId'),
    set: text(fields, 'set'),
    backupAt: text(fields, 'backup_at'),
    source: text(fields, 'source'),
    archiveName: text(fields, 'archive_name'),
    strategy,
    codec,
    level: count(fields, 'level'),
    ...(globs === undefined ? {} : { globs: texts(fields, 'globs') }),
    planHash: digest(fields, 'planHash'),
    ...(fields['parent'] === undefined ? {} : { parent: text(fields, 'parent') }),
    depth: count(fields, 'depth'),
    toolVersion: text(fields, 'toolVersion'),
    host: text(fields, 'host'),
    sourceDev: integer(fields, 'sourceDev'),
    sourceIno: integer(fields, 'sourceIno'),
    startedAtMs: count(fields, 'startedAtMs'),
  };
}

function toFoot(fields: Fields): ManifestFoot {
  return {
    recordCount: count(fields, 'record_count'),
    checksum: digest(fields, 'checksum'),
    archiveBytes: count(fields, 'archiveBytes'),
    sourceBytes: count(fields, 'sourceBytes'),
    skippedCount: count(fields, 'skippedCount'),
    holders: texts(fields, 'holders'),
    blocksAt: count(fields, 'blocksAt'),
    durationMs: count(fields, 'durationMs'),
  };
}

/** True for a relative path that stays where it is put. */
export function isSafePath(path: string): boolean {
  if (path === '' || path.includes('\0')) return false;
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return true;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw damaged(`${name} is ${JSON.stringify(value)}, not a text`);
}

function texts(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw damaged(`${name} is ${JSON.stringify(value)}, not a list of texts`);
}

function count(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(Math.trunc(value))) return value;
  throw damaged(`${name} is ${JSON.stringify(value)}, not a count`);
}

function integer(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return value;
  throw damaged(`${name} is ${JSON.stringify(value)}, not a whole number as text`);
}

function digest(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw damaged(`${name} is ${JSON.stringify(value)}, not a SHA-256`);
}
