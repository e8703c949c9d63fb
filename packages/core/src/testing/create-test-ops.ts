import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noWatch, type WatchConfig } from '../engine/config/watch-config.ts';
import { defaultAlertSettings } from '../watch/alerts/alert-settings.ts';
import '../engine/engine-errors.ts';
import { nodeOutputFiles } from '../adapters/files-node/output-files.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsClient } from '../client/ops-client.ts';
import type { OpsConfig } from '../engine/config/ops-config.ts';
import type { EngineParts } from '../engine/engine-parts.ts';
import { OpsEngine } from '../engine/ops-engine.ts';
import type { OpsStore } from '../engine/ops-store.ts';
import { VERSION } from '../engine/version.ts';
import { uuidv7 } from '../kernel/ids.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Logger } from '../ports/logger.ts';
import type { Plugin } from '../ports/plugin.ts';
import { collectPlugins } from '../ports/plugin-entries.ts';
import type { WorkRunner } from '../ports/work-runner.ts';
import { functionRunner, workRunnerByKind } from '../run/executions/function-runner.ts';
import type { TargetDefinition } from '../run/targets/target.ts';
import { checkPolicy } from '../watch/health/check-policy.ts';
import { IsolationReading } from '../watch/health/isolation-reading.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a test engine may be given; everything has a default. */
export interface TestOpsOptions {
  readonly targets: readonly TargetDefinition[];
  readonly config?: Partial<OpsConfig>;
  readonly clock?: VirtualClock;
  /** Kept when given; a fresh one is removed with the engine. */
  readonly stateFolder?: string;
  /** `:memory:` by default; a path keeps the store for another start. */
  readonly storePath?: string;
  readonly runner?: WorkRunner;
  /** Instead of a store of its own; stays open when the engine ends. */
  readonly store?: OpsStore;
  /** Channels and checks, as a config names them. The engine's own checks are off unless `parts` brings a machine. */
  readonly plugins?: readonly Plugin[];
  /** Replaces single parts the engine is put together from. */
  readonly parts?: Partial<EngineParts>;
  /** False: `start` is left to the test. Default true. */
  readonly start?: boolean;
}

/** An engine on a virtual clock with a real store. */
export interface TestOps extends AsyncDisposable {
  readonly ops: OpsEngine;
  readonly clock: VirtualClock;
  readonly client: OpsClient;
  readonly store: OpsStore;
  /** Lines the alert channel received, `CRITICAL …` or `WARNING …`. */
  readonly alerts: readonly string[];
  /** Lines the engine logged, `level message {fields}`. */
  readonly logged: readonly string[];
}

/** Starts an engine for a test: functions run for real, time passes only through `clock`. */
export async function createTestOps(options: TestOpsOptions): Promise<TestOps> {
  const clock = options.clock ?? new VirtualClock();
  // Made only when a run writes more output than fits its row.
  const ownFolder =
    options.stateFolder === undefined ? join(tmpdir(), `qts-ops-test-${randomUUID()}`) : undefined;
  const stateFolder = options.stateFolder ?? ownFolder ?? '';
  const store =
    options.store ??
    (await openSqliteStore({ path: options.storePath ?? ':memory:', now: () => clock.now() }));
  const alerts: string[] = [];
  const logged: string[] = [];
  const pid = process.pid;
  const ops = new OpsEngine({
    config: testConfig(options),
    stateFolder,
    bootId: uuidv7(clock.now(), randomBytes(10)),
    version: VERSION,
    clock,
    randomness: { bytes: (count) => randomBytes(count) },
    networkIsolation: new IsolationReading(),
    logger: recordingLogger(logged),
    alertChannel: recordingChannel(alerts),
    self: { host: 'test', bootId: 'boot-test', pid, startTick: 1 },
    runner: options.runner ?? workRunnerByKind({ function: functionRunner() }),
    outputFiles: nodeOutputFiles(stateFolder),
    openStore: async () => store,
    keepsStoreOpen: options.store !== undefined,
    ...options.parts,
  });
  if (options.start ?? true) await ops.start();
  return {
    ops,
    clock,
    store,
    alerts,
    logged,
    get client() {
      return ops.client({ operatorId: 'tester', method: 'library' });
    },
    async [Symbol.asyncDispose]() {
      const aborted = ops.abort();
      await clock.advance(60_000);
      await aborted;
      if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}

function testConfig(options: TestOpsOptions): OpsConfig {
  return {
    instance: 'test',
    environment: 'LAB',
    timeZone: 'UTC',
    drainMs: 30_000,
    secrets: [],
    historyDays: 90,
    warnings: [],
    pools: {},
    keep: { retention: [] },
    watch: watchOf(options.plugins ?? []),
    ...options.config,
    targets: options.targets,
  };
}

function watchOf(plugins: readonly Plugin[]): WatchConfig {
  const { channels, checks } = collectPlugins(plugins);
  const judged = checks.map((check) => {
    return { ...check, judged: checkPolicy(check.id, check.policy, check.definition.defaults) };
  });
  const routed = channels.map(({ id, definition }) => ({ id, kind: definition.name }));
  return { ...noWatch(defaultAlertSettings(routed)), channels, checks: judged };
}

function recordingLogger(lines: string[]): Logger {
  const line =
    (level: string) =>
    (message: string, fields: object = {}) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  return { debug: () => {}, info: line('info'), warn: line('warn'), error: line('error') };
}

function recordingChannel(lines: string[]): AlertChannel {
  return {
    sendCritical: (message) => void lines.push(`CRITICAL ${message}`),
    sendWarning: (message) => void lines.push(`WARNING ${message}`),
  };
}
