import type { ProcessGroup } from './work-runner.ts';

/** Who a process is, so that its death can be proven: pid numbers are reused, start ticks and boot ids are not. */
export interface ProcessIdentity {
  readonly host: string;
  readonly bootId: string;
  readonly pid: number;
  readonly startTick: number;
}

/** What we ask of the operating system about processes other than the ones we hold handles to. */
export interface Processes {
  /** This process. */
  self(): ProcessIdentity;
  /** True only when exactly that process (same boot, pid and start tick) still lives on this host. */
  isAlive(identity: ProcessIdentity): boolean;
  /**
   * Ends leftover work of a dead engine: the recorded groups, and on Linux every process whose environment
   * says it belongs to `stateFolder` (variables QTS_EXECUTION_ID and QTS_OPS_STATE). SIGKILL, then waits until gone.
   * Returns what was ended; never touches this process or its ancestors.
   */
  endLeftovers(stateFolder: string, groups: readonly ProcessGroup[]): Promise<readonly EndedProcess[]>;
  /** What the last engine of a state folder said that died of an error nobody caught; absent when none did. */
  lastWord?(stateFolder: string): LastWord | undefined;
}

/** Which run something came from. */
export interface RunOrigin {
  readonly executionId: string;
  readonly targetId: string;
}

/** Why an engine ended that had no time to write its records. */
export interface LastWord {
  readonly owner: ProcessIdentity;
  readonly atMs: number;
  /** The error, without secrets. */
  readonly message: string;
  /** The run whose function threw it; absent when it is not known or was none. */
  readonly origin?: RunOrigin;
}

/** One process that `endLeftovers` ended. */
export interface EndedProcess {
  readonly pid: number;
  readonly executionId?: string;
}
