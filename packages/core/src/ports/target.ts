import type { JsonObject } from '../kernel/json.ts';

/** How far a run is. Counts are absolute, never regress, and may be unknown. */
export interface Progress {
  readonly done: number;
  readonly total?: number | undefined;
  readonly failed?: number | undefined;
  readonly unit?: string | undefined;
  readonly message?: string | undefined;
}

/** What a running target function is given. */
export interface TargetContext {
  readonly executionId: string;
  readonly targetId: string;
  /** Grows with every claim of this execution; pass it downstream so that a late writer can be refused. */
  readonly fence: number;
  /** The slot this run stands for, ms UTC; absent for a manual run. */
  readonly slotMs?: number;
  /** Parameters of a manual run; empty otherwise. */
  readonly params: JsonObject;
  /** Aborts when the run must end: a stop, a time-out, a shutdown. */
  readonly signal: AbortSignal;
  /** Reports how far the run is; at most one write a second reaches the store. */
  readonly progress: (progress: Progress) => void;
  /** Writes one line to the run's captured output; secrets are redacted. */
  readonly log: (line: string) => void;
}

/** Work done inside the engine's process; a promise is awaited. A throw or a value that `failWhen` recognises is a failure. */
export type TargetFunction = (context: TargetContext) => unknown;

/** Work done by a program of its own, in its own process group. */
export interface CommandWork {
  readonly kind: 'command';
  readonly command: string;
  readonly args: readonly string[];
  /** Working folder; the config's folder when absent. */
  readonly cwd?: string;
  /** Added to the inherited environment. Values are texts or revealed secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Exit codes that mean something other than failure; 0 is always success. */
  readonly exitCodes: Readonly<Record<string, 'success' | 'failure'>>;
}

/** Work done by one exported function of a module, in a child process that can be killed. */
export interface IsolatedWork {
  readonly kind: 'isolated';
  /** Absolute file URL or path of the module. */
  readonly module: string;
  /** Name of the exported function. */
  readonly export: string;
}

/** A request to a service. Success is decided by the status of its answer; redirects are never followed. */
export interface HttpWork {
  readonly kind: 'http';
  /** Absolute `http:` or `https:` URL; it may hold credentials. */
  readonly url: string;
  /** The URL as messages and screens may show it: without credentials and without values of its query. */
  readonly shownUrl: string;
  readonly method: string;
  /** Names in lower case. Values are texts or revealed secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses that mean success, as inclusive ranges. */
  readonly expectStatus: ReadonlyArray<readonly [number, number]>;
  /** This much of the answer's body is kept; the rest is read and dropped, so that the service is not cut off. */
  readonly maxBodyBytes: number;
  readonly followRedirects: false;
  /** Longest time without a byte from the service, before its answer and inside it, ms; absent: only the target's time-out counts. */
  readonly silenceTimeoutMs?: number;
  /** Unix socket that is asked instead of the URL's host. */
  readonly socketPath?: string;
}

/** Work done by a function of our own process: it can be asked to end, not forced. */
export interface FunctionWork {
  readonly kind: 'function';
  readonly run: TargetFunction;
}

/** What keeps data safe, as a target runs it. */
export const KEEP_ACTS = [
  'backup',
  'maintenance',
  'verify',
  'drill',
  'real-time',
  'optimize-database',
] as const;
/** One of those acts. */
export type KeepAct = (typeof KEEP_ACTS)[number];

/** An act of backup and retention, done by the engine's own program in a process of its own. */
export interface KeepWork {
  readonly kind: 'keep';
  readonly act: KeepAct;
  /** Ids of the sources it is about; absent: all of the config. */
  readonly sources?: readonly string[];
  /** For a drill: restores everything into the configured folder instead of reading and comparing. */
  readonly full: boolean;
}

/** What a target does, one of five kinds. */
export type TargetWork = FunctionWork | CommandWork | IsolatedWork | HttpWork | KeepWork;
/** The kind of work in one word. */
export type TargetKind = TargetWork['kind'];
