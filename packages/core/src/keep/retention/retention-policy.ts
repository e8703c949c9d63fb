/** What a file of a data set is for the rules: taken once, judged later, so that a clock that steps changes nothing. */
export interface SeenFile {
  /** Relative to the data set, '/' between names. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Set when nobody can name or reach the file safely: a name that is not UTF-8, another file system. */
  readonly outside?: 'not-utf8' | 'other-device';
}

/** One rule of a policy, ready to be applied. Made by `compileRetention`. */
export interface RetentionRule {
  /** How reasons and counts call it. */
  readonly name: string;
  matches(path: string): boolean;
  /** Older files may go; `forever`: none. Milliseconds. */
  readonly keepMs: number | 'forever';
  /** The newest of these files in each folder stay whatever their age; 0: none. */
  readonly keepLastN: number;
  /** A file that changed in any way within this time stays. Milliseconds. */
  readonly quietMs: number;
  /** Reads the age from the path instead of the time of change; undefined for a path without a date. */
  readonly dateOf?: (path: string) => number | undefined;
}

/** What may be deleted of a data set, and when. Whatever no rule names is kept. */
export interface RetentionPolicy {
  readonly rules: readonly RetentionRule[];
  /** Which rule counts when several match: the first, or the one that keeps longest with a warning. */
  readonly tie: 'first' | 'longest';
  /** No file that was written within this time goes, whatever a rule says. Milliseconds. */
  readonly minimumAgeMs: number;
  /** SHA-256 of everything that decides, hexadecimal: a changed policy is recognised by it. */
  readonly hash: string;
}

/** Why a file stays. */
export type KeptWhy =
  // what the rules say
  | 'unmatched'
  | 'forever'
  | 'young'
  | 'minimum-age'
  | 'quiet'
  | 'future'
  | 'no-date'
  | 'held'
  | 'keep-last'
  | 'not-a-file'
  | 'not-utf8'
  | 'other-device'
  // what the guards of a run say
  | 'backup-failed'
  | 'mass-guard'
  | 'clock-guard'
  | 'policy-changed'
  | 'dry-run'
  | 'strict'
  // what the proof says at the moment of deleting
  | 'not-in-backup'
  | 'not-stable'
  | 'changed'
  | 'content-differs'
  | 'other-names'
  | 'outside-root'
  | 'unreadable'
  | 'gone'
  | 'refused'
  | 'backup-gone'
  | 'proof-old';

/** Why one file stays, for machines; `keptText` writes it for people. */
export interface KeptReason {
  readonly why: KeptWhy;
  readonly rule?: string;
  /** How old the file is or how long ago it changed, milliseconds. */
  readonly ageMs?: number;
  /** What that is measured against: the time to keep, the quiet time; milliseconds. */
  readonly limitMs?: number;
  /** What else an operator needs: the hold, what differs, the error code of the system. */
  readonly detail?: string;
}

/** A file that may go by the rules, and why. Whether it goes is for the backup and the gate to prove. */
export interface ExpiredFile extends SeenFile {
  readonly rule: string;
  /** The instant its age counts from. */
  readonly agedFromMs: number;
  readonly ageMs: number;
  readonly keepMs: number;
  readonly quietMs: number;
}

/** A file that stays, and why. */
export interface KeptFile {
  readonly path: string;
  readonly size: number;
  readonly reason: KeptReason;
}

/** How many files of how many bytes. */
export interface FileCount {
  readonly files: number;
  readonly bytes: number;
}
