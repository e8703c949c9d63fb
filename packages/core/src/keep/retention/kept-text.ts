import { formatDuration } from '../../kernel/duration.ts';
import type { ExpiredFile, KeptReason, KeptWhy } from './retention-policy.ts';

const WORDS: Readonly<Record<KeptWhy, (reason: KeptReason) => string>> = {
  unmatched: () => 'no rule names it',
  forever: () => 'kept forever',
  young: ({ ageMs, limitMs }) =>
    ageMs !== undefined && ageMs < 0 ? 'its date has not ended' : `${age(ageMs)} old, kept ${age(limitMs)}`,
  'minimum-age': ({ ageMs, limitMs }) => `written ${age(ageMs)} ago, at least ${age(limitMs)} is kept`,
  quiet: ({ ageMs, limitMs }) => `changed ${age(ageMs)} ago, quiet is ${age(limitMs)}`,
  future: () => 'its times are in the future',
  'no-date': () => 'no date in its path',
  held: ({ detail }) => `held: ${detail ?? ''}`,
  'keep-last': ({ detail }) => `one of the newest ${detail ?? ''} of its folder`,
  'not-a-file': ({ detail }) =>
    detail === 'symlink' || detail === 'folder' ? `a ${detail}, not a file` : 'a socket, pipe or device',
  'not-utf8': () => 'its name is not UTF-8',
  'other-device': () => 'on another file system',
  'backup-failed': () => 'the backup failed',
  'mass-guard': ({ detail }) =>
    `more than one run may delete${detail === undefined ? '' : `: ${detail}`}; a later run goes on`,
  'clock-guard': ({ detail }) => `the clock cannot be trusted: ${detail ?? ''}`,
  'policy-changed': () => 'the rules have changed; this run only shows what they would do',
  'dry-run': () => 'this run only shows',
  strict: ({ detail }) => `another file could not be read or verified: ${detail ?? ''}`,
  'not-in-backup': () => 'not in the verified backup',
  'not-stable': () => 'it grew while it was backed up',
  changed: ({ detail }) => `changed since the backup: ${detail ?? ''}`,
  'content-differs': () => 'its content is not what the backup holds, though nothing changed it',
  'other-names': ({ detail }) => `it has ${detail ?? 'other'} names`,
  'outside-root': ({ detail }) => `its real path is elsewhere: ${detail ?? ''}`,
  unreadable: ({ detail }) => `cannot be read: ${detail ?? ''}`,
  gone: () => 'gone already',
  refused: ({ detail }) => `the system refused: ${detail ?? ''}`,
  'backup-gone': () => 'the backup no longer stands as it was verified',
  'proof-old': () => 'the backup was verified too long ago; the next run goes on',
};

/** Why a file stays, as one short line. */
export function keptText(reason: KeptReason): string {
  const text = WORDS[reason.why](reason);
  return reason.rule === undefined ? text : `${text} (${reason.rule})`;
}

/** Why a file may go, as one short line. */
export function expiredText(file: Pick<ExpiredFile, 'ageMs' | 'keepMs' | 'rule'>): string {
  return `${age(file.ageMs)} old, kept ${age(file.keepMs)} (${file.rule})`;
}

function age(ms: number | undefined): string {
  return ms === undefined ? '?' : formatDuration(ms);
}
