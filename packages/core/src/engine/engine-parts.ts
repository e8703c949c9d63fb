import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { OutputFiles } from '../ports/output-files.ts';
import type { OpenPingDoor } from '../ports/ping-door.ts';
import type { Processes, ProcessIdentity } from '../ports/processes.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { WorkRunner } from '../ports/work-runner.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';
import type { IsolationReading } from '../watch/health/isolation-reading.ts';
import type { SelfReaders } from '../watch/health/self-readers.ts';
import type { OpsConfig } from './config/ops-config.ts';
import type { KeepState } from './keep/keep-state.ts';
import type { OpsStore } from './ops-store.ts';
import type { SchedulerLook } from './scheduler-watch.ts';
import type { MachineReaders } from './watch/health-setup.ts';
import type { LifeSignPorts } from './watch/life-signs.ts';

/** Everything an engine is put together from; the real world, or a test's. */
export interface EngineParts {
  readonly config: OpsConfig;
  /** Absolute path; empty for an engine that keeps nothing on disk. */
  readonly stateFolder: string;
  /** New with every start. */
  readonly bootId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly alertChannel: AlertChannel;
  /** Whether our own connection is down: the checks say it, delivery asks for it. */
  readonly networkIsolation: IsolationReading;
  /** Channels besides those of the config: a test's. */
  readonly channels?: readonly BoundChannel[];
  /** Where plugins find secrets that are named by a variable; none when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly self: ProcessIdentity;
  readonly runner: WorkRunner;
  readonly outputFiles: OutputFiles;
  /** Absent where nothing outlives the engine. */
  readonly processes?: Processes;
  /** Takes the lock of the state folder; the returned function lets go. Absent where nobody else can come. */
  readonly lock?: () => () => void;
  readonly openStore: () => Promise<OpsStore>;
  /** What the last keep run left in the state folder; absent where nothing is kept on disk. */
  readonly readKeepState?: () => KeepState | undefined;
  /** True for a store that belongs to whoever gave it: it stays open when the engine ends. */
  readonly keepsStoreOpen?: boolean;
  /** Begins to look at the machine for the checks of the engine itself; absent: it does not check itself. */
  readonly lookAtMachine?: () => MachineReaders;
  /** How old the newest verified backups are; absent where there are none to ask. */
  readonly backupReadings?: SelfReaders['backups'];
  /** How the outside is told that the engine lives; absent: nobody is told. */
  readonly lifeSigns?: LifeSignPorts;
  /** Opens the door for pings of other hosts; absent: there is none, whatever the config says. */
  readonly openPingDoor?: OpenPingDoor;
  /** Starts what watches the event loop; the returned function ends it. */
  readonly watchLoop?: () => () => Promise<void>;
  /** Starts what watches the scheduler's loop on a timer that is not its own; the returned function ends it. */
  readonly watchScheduler?: (look: SchedulerLook) => () => void;
}
