import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { lookAtAuditChain, lookAtStore, STORE_FILE } from '@qts-ops/core';
import { isOpsException, remedyOf } from '@qts-ops/core/client';
import { type DoctorCheck, fail, ok, textOfError, warn } from './doctor-check.ts';

const MIB = 1024 * 1024;
/** Below this much free space commits may fail at any moment. */
const DISK_FAIL_BYTES = 100 * MIB;
const DISK_WARN_BYTES = 1024 * MIB;
const INODES_FAIL = 1000;
const INODES_WARN = 10_000;

/** Everything that can be said about a state folder without an engine and without changing it. */
export function stateChecks(stateFolder: string): readonly DoctorCheck[] {
  const file = path.join(stateFolder, STORE_FILE);
  const store = storeCheck(file);
  // What cannot be read as a store has no rows to follow.
  const audit = store.status === 'ok' ? auditChecks(file) : [];
  return [folderCheck(stateFolder), ...diskChecks(stateFolder), store, ...audit];
}

function folderCheck(folder: string): DoctorCheck {
  const found = statSync(folder, { throwIfNoEntry: false });
  const existing = nearestExisting(folder);
  if (!isWritable(existing)) {
    return fail(
      'state folder',
      `${existing} cannot be written to`,
      'give it to the account that runs the engine',
    );
  }
  if (found === undefined)
    return ok('state folder', `${folder} does not exist yet; the first start makes it`);
  if (!found.isDirectory())
    return fail('state folder', `${folder} is no folder`, 'name another one with --state');
  const userId = process.getuid?.();
  if (userId !== undefined && found.uid !== userId) {
    const text = `${folder} belongs to user ${found.uid}, this is user ${userId}`;
    return warn('state folder', text, 'run the engine and its commands under one account');
  }
  const mode = found.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    const text = `${folder} has mode ${mode.toString(8)}: others can read or change it`;
    return warn('state folder', text, `chmod 700 ${folder}`);
  }
  return ok('state folder', `${folder}, mode ${mode.toString(8)}`);
}

function diskChecks(folder: string): readonly DoctorCheck[] {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(nearestExisting(folder));
    return [spaceCheck(bavail * bsize), ...(files === 0 ? [] : [inodeCheck(ffree)])];
  } catch (error) {
    return [warn('disk', `free space is not known: ${textOfError(error)}`, 'look at it with df')];
  }
}

/** Whether the disk has room for the record. */
export function spaceCheck(freeBytes: number): DoctorCheck {
  const text = `${Math.floor(freeBytes / MIB)} MiB free`;
  if (freeBytes < DISK_FAIL_BYTES)
    return fail('disk', text, 'make room now: without it nothing can be recorded or started');
  if (freeBytes < DISK_WARN_BYTES) return warn('disk', text, 'make room on the disk of the state folder');
  return ok('disk', text);
}

/** Whether the disk can hold more files, whatever their size. */
export function inodeCheck(free: number): DoctorCheck {
  const text = `${free} inodes free`;
  if (free < INODES_FAIL) return fail('inodes', text, 'remove files from the disk of the state folder now');
  if (free < INODES_WARN)
    return warn('inodes', text, 'remove files that nobody needs from the disk of the state folder');
  return ok('inodes', text);
}

function storeCheck(file: string): DoctorCheck {
  try {
    const look = lookAtStore(file);
    if (look === undefined) return ok('store', 'there is none yet; the first start makes it');
    const { version, knownVersion, isOurs, damage, bytes } = look;
    const text = `schema ${version} of ${knownVersion}, ${Math.ceil(bytes / MIB)} MiB, quick_check ${damage ?? 'ok'}`;
    if (!isOurs)
      return fail(
        'store',
        `${file} belongs to another program`,
        'move it away, or name another state folder',
      );
    if (damage !== undefined)
      return fail(
        'store',
        `${file}: ${text}`,
        'stop the engine, keep the file, and put the newest backup in its place',
      );
    if (version > knownVersion)
      return fail('store', text, 'start the newer version of qts-ops that wrote it');
    return ok(
      'store',
      version < knownVersion ? `${text}; the next start brings it up to date after a copy` : text,
    );
  } catch (error) {
    const remedy = isOpsException(error) ? remedyOf(error).join(' ') : 'look at the file and its owner';
    return fail('store', textOfError(error), remedy);
  }
}

/** Whether the manual acts on record are those that were written; nothing to say where there are none yet. */
function auditChecks(file: string): readonly DoctorCheck[] {
  try {
    const look = lookAtAuditChain(file);
    if (look === undefined) return [];
    const { lastSeq, rows, broken } = look;
    const all = rows === lastSeq ? `${rows} rows` : `the newest ${rows} of ${lastSeq} rows`;
    if (broken === undefined) return [ok('audit log', `${all}, each continues the one before it`)];
    return [
      fail(
        'audit log',
        `row ${broken.seq}: ${broken.problem} (${all} read)`,
        'somebody or something changed the store beside the engine: keep a copy of it now, find out who can write to it, ' +
          'and compare the rows with those of a backup (qts-ops backup list)',
      ),
    ];
  } catch (error) {
    return [fail('audit log', textOfError(error), 'look at the file and its owner')];
  }
}

function nearestExisting(folder: string): string {
  let existing = path.resolve(folder);
  while (!existsSync(existing) && path.dirname(existing) !== existing) existing = path.dirname(existing);
  return existing;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
