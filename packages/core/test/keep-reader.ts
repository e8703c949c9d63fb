import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/*
 * A second reader of backup folders, written from the description of the format alone and sharing no code with the
 * chapter it judges: whole archives at once, a plain walk over tar headers, JSON as it stands.
 */

/** A backup folder as bytes: on a disk or in memory. */
export interface BackupFolder {
  /** Relative paths of all its files. */
  paths(): readonly string[];
  bytes(path: string): Uint8Array;
}

/** One backup as its bytes say, not as its maker says. */
export interface ReadBackup {
  readonly id: string;
  readonly source: string;
  /** The last check on record says that it is verified, and speaks of this very manifest. */
  readonly verified: boolean;
  /** SHA-256 of every file of the manifest whose bytes were found and are right, by path. */
  readonly contents: ReadonlyMap<string, string>;
  /** What is wrong with it; empty when everything it promises is there. */
  readonly problems: readonly string[];
}

/** A folder on the disk. */
export function diskFolder(root: string): BackupFolder {
  return {
    paths: () =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    bytes: (path) => readFileSync(join(root, path)),
  };
}

/** Reads every backup that has a manifest with its final name. */
export function readBackups(folder: BackupFolder): readonly ReadBackup[] {
  const paths = folder.paths();
  const raw = paths
    .filter((path) => !path.includes('/') && path.endsWith('.manifest.jsonl'))
    .map((path) => readRaw(folder, path));
  return raw.map((backup) => judge(folder, { backup, raw, paths }));
}

/** Paths with contents of the readable part of all backups of a source: `path`, a zero byte, SHA-256. */
export function restorableContents(
  backups: readonly ReadBackup[],
  source: string,
  verifiedOnly = false,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const backup of backups) {
    if (backup.source !== source || (verifiedOnly && !backup.verified)) continue;
    for (const [path, sha256] of backup.contents) found.add(`${path}\0${sha256}`);
  }
  return found;
}

/** SHA-256, hexadecimal. */
export function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

interface RawEntry {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly heldBy?: string;
}

interface RawBackup {
  readonly stem: string;
  readonly head: Readonly<Record<string, unknown>>;
  readonly entries: readonly RawEntry[];
  readonly blocks: readonly { readonly at: number; readonly length: number }[];
  readonly foot: Readonly<Record<string, unknown>>;
  /** Digest its last line gives. */
  readonly sha256: string;
  /** Digests of the bodies it holds itself, by path. */
  readonly bodies: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

function readRaw(folder: BackupFolder, path: string): RawBackup {
  const stem = path.slice(0, -'.manifest.jsonl'.length);
  const empty = { stem, head: {}, entries: [], blocks: [], foot: {}, sha256: '', bodies: new Map() };
  try {
    const text = Buffer.from(folder.bytes(path)).toString('utf8');
    const lines = text.split('\n');
    if (lines.pop() !== '') return { ...empty, problems: [`${path}: cut off`] };
    // Only the writer under test makes these lines, and their digest is compared below.
    const values = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const last = lines.pop() ?? '';
    const sha256 = String(values.pop()?.['manifestSha256']);
    const foot = values.pop() ?? {};
    const head = values.shift() ?? {};
    const problems: string[] = [];
    if (digestOf(text.slice(0, text.length - last.length - 1)) !== sha256) problems.push(`${path}: digest`);
    const entries = values.filter((value) => 'sha256' in value) as unknown as readonly RawEntry[];
    const blocks = values.filter((value) => 'unpacked' in value) as unknown as RawBackup['blocks'];
    if (entries.length !== foot['record_count']) problems.push(`${path}: ${entries.length} entries`);
    const read = { stem, head, entries, blocks, foot, sha256 };
    try {
      const bodies = bodiesOf(folder, read);
      return { ...read, bodies, problems: [...problems, ...bodyProblems(read, bodies)] };
    } catch (error) {
      return { ...read, bodies: new Map(), problems: [...problems, `${stem}: ${String(error)}`] };
    }
  } catch (error) {
    return { ...empty, problems: [`${path}: ${String(error)}`] };
  }
}

type Unread = Omit<RawBackup, 'bodies' | 'problems'>;

function bodiesOf(folder: BackupFolder, backup: Unread): ReadonlyMap<string, string> {
  const name = String(backup.head['archive_name']);
  if (backup.head['strategy'] === 'file') {
    const inside = folder.paths().filter((path) => path.startsWith(`${name}/`));
    return new Map(inside.map((path) => [path.slice(name.length + 1), digestOf(folder.bytes(path))]));
  }
  const bytes = folder.bytes(name);
  if (digestOf(bytes) !== backup.foot['checksum']) throw new Error(`${name}: digest`);
  return new Map(tarBodies(unpacked(bytes, backup)).map(([path, body]) => [path, digestOf(body)]));
}

function unpacked(bytes: Uint8Array, { head, blocks }: Unread): Buffer {
  if (head['codec'] === 'store') return Buffer.from(bytes);
  if (head['codec'] === 'gzip') return gunzipSync(bytes);
  // One frame at a time: what follows the first is passed over in silence otherwise.
  return Buffer.concat(blocks.map(({ at, length }) => zstdDecompressSync(bytes.subarray(at, at + length))));
}

/** Files of a tar stream: plain headers, and the extended ones that carry long names and sizes. */
export function tarBodies(tar: Buffer): readonly (readonly [string, Buffer])[] {
  const found: (readonly [string, Buffer])[] = [];
  let extended: ReadonlyMap<string, string> = new Map();
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) return found;
    requireChecksum(header);
    const size = Number(extended.get('size') ?? Number.parseInt(textOf(header, 124, 12), 8));
    const body = tar.subarray(at + 512, at + 512 + size);
    if (body.length !== size) throw new Error('tar: a body is cut off');
    at += 512 + Math.ceil(size / 512) * 512;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') {
      extended = extendedOf(body);
      continue;
    }
    if (type !== '0' && type !== '\0') throw new Error(`tar: an entry of type ${type}`);
    const prefix = textOf(header, 345, 155);
    const plain = `${prefix === '' ? '' : `${prefix}/`}${textOf(header, 0, 100)}`;
    found.push([extended.get('path') ?? plain, body]);
    extended = new Map();
  }
  throw new Error('tar: no end');
}

function requireChecksum(header: Buffer): void {
  const given = Number.parseInt(textOf(header, 148, 8), 8);
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== given) throw new Error(`tar: checksum ${sum}, not ${given}`);
}

function textOf(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field
    .subarray(0, end === -1 ? length : end)
    .toString('utf8')
    .trim();
}

function extendedOf(body: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.subarray(at, body.indexOf(0x20, at)).toString('latin1'), 10);
    if (!(length > 0)) throw new Error('tar: an extended header that cannot be read');
    const record = body.subarray(at, at + length - 1).toString('utf8');
    const [key = '', ...value] = record.slice(record.indexOf(' ') + 1).split('=');
    found.set(key, value.join('='));
    at += length;
  }
  return found;
}

function bodyProblems(backup: Unread, bodies: ReadonlyMap<string, string>): readonly string[] {
  const own = backup.entries.filter(({ heldBy }) => heldBy === undefined);
  const wrong = own.filter(({ path, sha256 }) => bodies.get(path) !== sha256);
  const extra = bodies.size === own.length ? [] : [`${backup.stem}: ${bodies.size} bodies`];
  return [...wrong.map(({ path }) => `${backup.stem}: ${path} differs`), ...extra];
}

function judge(
  folder: BackupFolder,
  {
    backup,
    raw,
    paths,
  }: { readonly backup: RawBackup; readonly raw: readonly RawBackup[]; readonly paths: readonly string[] },
): ReadBackup {
  const contents = new Map<string, string>();
  const problems = [...backup.problems];
  for (const { path, sha256, heldBy } of backup.entries) {
    const holder = heldBy === undefined ? backup : raw.find(({ head }) => head['id'] === heldBy);
    if (holder?.bodies.get(path) === sha256) contents.set(path, sha256);
    else if (heldBy !== undefined) problems.push(`${backup.stem}: ${path} is not in ${heldBy}`);
  }
  const record = `${backup.stem}.verified.json`;
  return {
    id: String(backup.head['id']),
    source: String(backup.head['source']),
    verified: paths.includes(record) && isVerified(folder.bytes(record), backup.sha256),
    contents,
    problems,
  };
}

function isVerified(bytes: Uint8Array, manifestSha256: string): boolean {
  try {
    const record: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return (
      typeof record === 'object' &&
      record !== null &&
      'outcome' in record &&
      'manifestSha256' in record &&
      record.outcome === 'verified' &&
      record.manifestSha256 === manifestSha256
    );
  } catch {
    return false;
  }
}
