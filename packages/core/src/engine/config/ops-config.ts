import type { LocalText } from '../../kernel/define-errors.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';
import type { KeepConfig } from './keep-config.ts';
import type { WatchConfig } from './watch-config.ts';

/** Something that does not stand in the way today, but needs a person soon. */
export interface ConfigWarning {
  /** The declared code that says what to do about it: `INP-0703` soon, `INP-0704` now. */
  readonly code: string;
  /** Place in the config: `targets[2].calendar`. */
  readonly path: string;
  readonly text: LocalText;
}

/** A configuration after every check: defaults filled in, durations in ms, secrets wrapped. */
export interface OpsConfig {
  /** Name of this engine, shown on every screen: 1 to 40 characters. */
  readonly instance: string;
  /** Kind of place, in capitals: `PROD`, `PAPER`, `LAB`, … Default `LAB`. */
  readonly environment: string;
  /** IANA zone for cron targets without their own and for every time on a screen. Default `UTC`, never the host's. */
  readonly timeZone: string;
  readonly targets: readonly TargetDefinition[];
  /** How long running executions may go on after the engine was asked to stop. Default 30 s. */
  readonly drainMs: number;
  /** How many runs may go on at once in a pool, by its name; a pool without a limit is not named. */
  readonly pools: Readonly<Record<string, number>>;
  /** What needs a person soon; shown by `config check`. */
  readonly warnings: readonly ConfigWarning[];
  /** Every secret the config refers to; each sink redacts them. */
  readonly secrets: readonly Secret[];
  /** History older than this is planned for removal and reported, never deleted without a verified backup. */
  readonly historyDays: number;
  /** Channels, checks and what is done with alerts. */
  readonly watch: WatchConfig;
  /** What is backed up and how long files are kept. */
  readonly keep: KeepConfig;
  /** Absolute path of the file this came from; absent for a config given by a program. */
  readonly configPath?: string;
}
