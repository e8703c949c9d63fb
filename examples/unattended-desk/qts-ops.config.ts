// What runs on the paper desk, when, and how failures are answered. DESK_* variables: see desk-settings.ts.
import {
  cron,
  defineConfig,
  every,
  exec,
  isolated,
  onDemand,
  TARGET_BROKER_HEARTBEAT,
  TARGET_DASHBOARD_UPDATE,
  TARGET_PIPELINE,
  type TargetInput,
  target,
} from '@qts-ops/core';
import { pingBroker } from './desk/broker-heartbeat.ts';
import { updateDashboard } from './desk/dashboard.ts';
import { readState } from './desk/desk-state.ts';
import { deskSettings, pipelineArguments } from './desk-settings.ts';
import { judgeLoop, readLastCycles } from './loop-watch.ts';

const settings = deskSettings(process.env);
const { dataDir, reportDir, brokerSocketPath, batch, paceMs, pipelineEvery } = settings;

/** The desk's next batch of bars, as a program of its own: the engine never imports the desk's work. */
const pipeline = target(TARGET_PIPELINE, {
  title: 'ETEDA pipeline',
  on: every(pipelineEvery, { runOnStart: true }),
  timeout: '1m',
  run: exec(process.execPath, [...pipelineArguments(settings), '--batch', batch, '--pace', paceMs]),
});

/** Instead of the pipeline when the desk's own loop works outside: looked at, never touched. */
const loopWatch = target('eteda_loop', {
  title: 'ETEDA loop (outside)',
  on: every('2s', { runOnStart: true }),
  timeout: '5s',
  // Watching on is all that can be done about a loop that stands still.
  maxConsecutiveErrors: 1_000,
  run: ({ log, progress }) => {
    const { status, message, cycles } = judgeLoop(readLastCycles(dataDir), Date.now());
    log(message);
    progress({ done: cycles, unit: 'cycles', message });
    if (status === 'error') throw new Error(message);
  },
});

const brokerHeartbeat = target(TARGET_BROKER_HEARTBEAT, {
  title: 'Broker heartbeat',
  on: every('3s', { runOnStart: true }),
  timeout: '5s',
  cooldown: '15s',
  run: async ({ signal, log }) => {
    const { latencyMs, reconnects } = await pingBroker({ socketPath: brokerSocketPath, signal });
    log(`broker answered in ${latencyMs} ms, ${reconnects} reconnects`);
  },
});

const dashboardUpdate = target(TARGET_DASHBOARD_UPDATE, {
  title: 'Dashboard page',
  on: cron('* * * * *', { timeZone: 'Asia/Seoul' }),
  timeout: '30s',
  run: ({ log }) => {
    if (readState(dataDir) === undefined) {
      log('the desk has consumed no bar yet; there is nothing to show');
      return;
    }
    const { rows, safety } = updateDashboard({ dataDir, outDir: reportDir });
    log(`${reportDir}/dashboard.md: ${rows} bars, safety ${safety}`);
  },
});

/** Reads every record, so it runs in a process of its own that can be killed. */
const statistics = target('decision_statistics', {
  title: 'Decisions by action and symbol',
  on: every('30s'),
  timeout: '20s',
  run: isolated({ module: './desk-reports.ts', export: 'decisionStatistics' }),
});

const marketClose = target('market_close_report', {
  title: 'Page of the trading day',
  on: cron('0 16 * * 1-5', { timeZone: 'Asia/Seoul' }),
  timeout: '2m',
  run: isolated({ module: './desk-reports.ts', export: 'marketCloseReport' }),
});

/** For an operator who wants to know whether every bar has its rows; fails when one is missing. */
const rowReport = target('row_report', {
  title: 'Rows against bars',
  on: onDemand(),
  timeout: '2m',
  run: exec(process.execPath, [...pipelineArguments({ dataDir }), '--report']),
});

const targets: readonly TargetInput[] = [
  settings.isLoopOutside ? loopWatch : pipeline,
  brokerHeartbeat,
  dashboardUpdate,
  statistics,
  marketClose,
  rowReport,
];

export default defineConfig({
  instance: 'paper-desk',
  environment: 'PAPER',
  timeZone: 'Asia/Seoul',
  drain: '10s',
  targets,
});
