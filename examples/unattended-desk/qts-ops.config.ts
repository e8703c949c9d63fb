// What runs on the paper desk, when, and how failures are answered. DESK_* variables: see desk-settings.ts.
import { email } from '@qts-ops/alert-email';
import { slack } from '@qts-ops/alert-slack';
import {
  cron,
  defineConfig,
  every,
  exec,
  isolated,
  keep,
  onDemand,
  TARGET_BACKUP_MAINTENANCE,
  TARGET_BROKER_HEARTBEAT,
  TARGET_DASHBOARD_UPDATE,
  TARGET_PIPELINE,
  type TargetInput,
  target,
} from '@qts-ops/core';
import { brokerHeartbeat as brokerCheck, disk } from '@qts-ops/health-checks';
import { pingBroker } from './desk/broker-heartbeat.ts';
import { updateDashboard } from './desk/dashboard.ts';
import { readState } from './desk/desk-state.ts';
import { deskSettings, pipelineArguments } from './desk-settings.ts';
import { judgeLoop, readLastCycles } from './loop-watch.ts';
import { keepAnswer } from './raw-answers.ts';

const settings = deskSettings(process.env);
const { dataDir, deskDir, backupDir, drillDir, reportDir } = settings;
const { brokerSocketPath, batch, paceMs, pipelineEvery } = settings;

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
  timeout: '8s',
  cooldown: '15s',
  run: async ({ signal, log }) => {
    // A machine that is busy for a few seconds is not a dead broker.
    const request = { socketPath: brokerSocketPath, timeoutMs: 4_500, signal };
    const { latencyMs, reconnects } = await pingBroker(request);
    keepAnswer(dataDir, { atMs: Date.now(), latencyMs, reconnects });
    log(`broker answered in ${latencyMs} ms, ${reconnects} reconnects`);
  },
});

const dashboardUpdate = target(TARGET_DASHBOARD_UPDATE, {
  title: 'Dashboard page',
  on: cron('* * * * *', { timeZone: 'Asia/Seoul' }),
  timeout: '2m',
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
  timeout: '2m',
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

/** Makes a backup of everything the desk has written, reads it back, and removes the oldest ones. */
const backup = target('backup', {
  timeout: '5m',
  title: 'Backup of the desk, read back',
  on: every('30s', { phase: '10s' }),
  run: keep('backup'),
});

/** What is too old is backed up, that backup is read back, and only then it is deleted. */
const backupMaintenance = target(TARGET_BACKUP_MAINTENANCE, {
  timeout: '5m',
  title: 'Clean-up of old raw files',
  on: every('15s'),
  run: keep('maintenance'),
});

/** Does the newest backup come back, and how fast? */
const drill = target('restore_drill', {
  timeout: '5m',
  title: 'Restore drill',
  on: every('5m', { phase: '45s' }),
  run: keep('drill'),
});

/** The same with every file restored and compared. */
const fullDrill = target('restore_drill_full', {
  timeout: '5m',
  title: 'Restore drill, every file restored',
  on: onDemand(),
  run: keep('drill', { full: true }),
});

const targets: readonly TargetInput[] = [
  settings.isLoopOutside ? loopWatch : pipeline,
  brokerHeartbeat,
  dashboardUpdate,
  statistics,
  marketClose,
  rowReport,
  backup,
  backupMaintenance,
  drill,
  fullDrill,
];

/** Alerts leave this machine only where DESK_SMTP_PORT or DESK_SLACK_URL say so; the screen shows them anyway. */
const channels = [
  ...(settings.smtpPort === undefined
    ? []
    : [
        email({
          id: 'mail',
          smtp: { host: '127.0.0.1', port: settings.smtpPort, encryption: 'none' },
          from: 'Paper desk <desk@example.com>',
          to: 'on-call@example.com',
        }),
      ]),
  ...(settings.hasSlack ? [slack({ webhookUrl: { env: 'DESK_SLACK_URL' } })] : []),
];

export default defineConfig({
  instance: 'paper-desk',
  environment: 'PAPER',
  timeZone: 'Asia/Seoul',
  drain: '10s',
  targets,
  plugins: channels,
  checks: [
    brokerCheck({
      critical: true,
      intervalMs: 10_000,
      timeoutMs: 9_000,
      answerWithinMs: 8_000,
      run: (signal) => pingBroker({ socketPath: brokerSocketPath, timeoutMs: 8_000, signal }),
    }),
    disk({ path: settings.deskDir, failAbovePercent: 95 }),
  ],
  alerts: {
    // A dead broker is one message: what fails because of it is not told as well.
    inhibit: [
      { source: { dedupKey: 'check:broker_heartbeat' }, target: { target: TARGET_BROKER_HEARTBEAT } },
    ],
  },
  backup: {
    to: backupDir,
    sources: [deskDir],
    drillRoot: drillDir,
    keep: { last: 5 },
    maxAge: '10m',
    reserve: '100MiB',
  },
  // A demo has no days to wait: raw answers go after minutes. What the desk decided stays for ever.
  retention: [
    { match: '*/raw/**', keep: '5m', quiet: '5s', keepLastN: 1 },
    { match: '*/raw_snapshot/**', keepDays: 7 },
    { match: '*/pattern_record/**', keepDays: 30 },
    { match: '*/decision_snapshot/**', keep: 'forever' },
  ],
});
