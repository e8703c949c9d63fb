import type { CheckFinding } from '../../ports/health-check.ts';

/** How full a file system is, as `df` counts it: of what may be used. */
export interface DiskReading {
  readonly path: string;
  readonly usedPercent: number;
  readonly availableBytes: number;
  /** Absent where the file system has no fixed number of inodes. */
  readonly inodesUsedPercent?: number;
}

/** How much memory is used, of what this process may use. */
export interface MemoryReading {
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Whether a limit of the container or service counts, or all memory of the machine. */
  readonly limitedBy: 'cgroup' | 'machine';
  /** Of this process alone. */
  readonly residentBytes: number;
  readonly heapUsedPercent: number;
}

/** How long the event loop kept work waiting since the reading before, ms. */
export interface LoopReading {
  readonly maxMs: number;
  readonly p99Ms: number;
}

/** What waits to be sent. */
export interface OutboxReading {
  readonly pending: number;
  /** Age of the oldest notice that is due and not sent, ms; absent when none is. */
  readonly oldestMs?: number;
}

/** How a channel fares. */
export interface ChannelReading {
  readonly id: string;
  readonly failuresInRow: number;
  readonly pending: number;
  readonly lastSuccessAtMs?: number;
  readonly lastError?: string;
}

/** How old the newest backup of a set is that was read back. */
export interface BackupReading {
  readonly id: string;
  /** Absent when there is none. */
  readonly verifiedAtMs?: number;
  /** Since when the set is watched: one without any backup is late only when it has had the time for one. */
  readonly watchedSinceMs?: number;
  /** A backup older than this is too old, ms. */
  readonly maxAgeMs: number;
}

/** What the machine says about its own clock. */
export interface ClockState {
  /** Absent where the machine does not say. */
  readonly synchronised?: boolean;
}

/** Where the self checks look; one that is absent is not made. */
export interface SelfReaders {
  /** A counter that grows at least once a second while the scheduler's loop goes on. */
  readonly schedulerWakes?: (() => number) | undefined;
  readonly eventLoop?: (() => LoopReading) | undefined;
  /** Writes something of its own to the store and tells how long that took, ms; rejects when it fails. */
  readonly writeCanary?: (() => Promise<number>) | undefined;
  readonly outbox?: (() => OutboxReading) | undefined;
  readonly disks?: (() => Promise<readonly DiskReading[]>) | undefined;
  readonly memory?: (() => Promise<MemoryReading>) | undefined;
  readonly channels?: (() => readonly ChannelReading[]) | undefined;
  readonly backups?: (() => Promise<readonly BackupReading[]>) | undefined;
  readonly clock?: (() => Promise<ClockState>) | undefined;
  /** Whether pings of other hosts are taken; tries to open the door again when it is closed. */
  readonly pingDoor?: (() => Promise<CheckFinding>) | undefined;
}
