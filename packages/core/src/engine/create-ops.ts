import { dirname, join } from 'node:path';
import './engine-errors.ts';
import { LogOnlyAlertChannel } from '../adapters/alert-log/log-only-alert-channel.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../adapters/clock-system/system-randomness.ts';
import { startCronWatchdog } from '../adapters/cron-node/cron-watchdog.ts';
import { nodeKeepFiles } from '../adapters/files-node/keep-files.ts';
import { nodeOutputFiles } from '../adapters/files-node/output-files.ts';
import { lockState } from '../adapters/files-node/state-lock.ts';
import { httpRunner } from '../adapters/http-node/http-runner.ts';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { writeStandardError } from '../adapters/logger-json/standard-error.ts';
import { commandRunner } from '../adapters/processes-node/command-runner.ts';
import { functionContext } from '../adapters/processes-node/function-context.ts';
import { isolatedRunner } from '../adapters/processes-node/isolated-runner.ts';
import { startLoopWatchdog } from '../adapters/processes-node/loop-watchdog.ts';
import { nodeProcesses } from '../adapters/processes-node/process-table.ts';
import { systemEnvironment } from '../adapters/secrets-node/system-environment.ts';
import { openSqliteStore, type SqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { uuidv7 } from '../kernel/ids.ts';
import { functionRunner, workRunnerByKind } from '../run/executions/function-runner.ts';
import { runningCopyArguments } from './config/resolve-hook.ts';
import type { EngineParts } from './engine-parts.ts';
import { keepRunner } from './keep/keep-runner.ts';
import { readKeepState } from './keep/keep-state.ts';
import type { Ops, OpsOptions } from './ops.ts';
import { OpsEngine } from './ops-engine.ts';
import { VERSION } from './version.ts';
import { realWatch } from './watch/real-watch.ts';

/** File of the store inside the state folder. */
export const STORE_FILE = 'qts-ops.db';

/** Puts an engine together over the real world: one state folder, one SQLite file, real processes. */
export function createOps(options: OpsOptions): Ops {
  return new OpsEngine(realParts(options));
}

function realParts(options: OpsOptions): EngineParts {
  const { config, stateFolder } = options;
  const clock = systemClock;
  const logger = options.logger ?? jsonLogger({ clock, write: writeStandardError, secrets: config.secrets });
  const processes = nodeProcesses();
  const self = processes.self();
  const bootId = uuidv7(clock.now(), systemRandomness.bytes(10));
  const folder = config.configPath === undefined ? dirname(stateFolder) : dirname(config.configPath);
  const watch = deferredWatch();
  const isolated = isolatedRunner({ stateFolder, folder, nodeArguments: runningCopyArguments() });
  const storePath = join(stateFolder, STORE_FILE);
  let store: SqliteStore | undefined;
  return {
    config,
    stateFolder,
    bootId,
    version: VERSION,
    clock,
    randomness: systemRandomness,
    logger,
    env: systemEnvironment,
    alertChannel: options.alertChannel ?? new LogOnlyAlertChannel(logger),
    self,
    processes,
    runner: workRunnerByKind({
      function: functionRunner({ watch, context: functionContext }),
      command: commandRunner({ stateFolder, folder }),
      isolated,
      http: httpRunner(),
      keep: keepRunner({
        config,
        stateFolder,
        storePath,
        isolated,
        clock,
        databaseCare: () => store?.care(),
      }),
    }),
    outputFiles: nodeOutputFiles(stateFolder),
    ...realWatch(stateFolder),
    lock: () => {
      const held = lockState(stateFolder, { ...self, engineBootId: bootId, sinceMs: clock.now() });
      return () => held.release();
    },
    openStore: async () => {
      store = await openSqliteStore({ path: storePath, now: () => clock.now() });
      return store;
    },
    readKeepState: () => readKeepState(nodeKeepFiles(), stateFolder),
    watchLoop: () => {
      const watchdog = startLoopWatchdog({ stateFolder });
      watch.watchdog = watchdog;
      return () => watchdog.close();
    },
    watchScheduler: (look) => {
      const watchdog = startCronWatchdog(look);
      return () => watchdog.close();
    },
  };
}

/** The function runner is made before the watchdog runs, which starts only with the engine. */
function deferredWatch() {
  return {
    watchdog: undefined as ReturnType<typeof startLoopWatchdog> | undefined,
    enter(executionId: string, targetId: string): void {
      this.watchdog?.enter(executionId, targetId);
    },
    leave(executionId: string): void {
      this.watchdog?.leave(executionId);
    },
  };
}
