// A desk whose broker is watched, with mail for everything and Slack from ERROR on. Addresses come from the test.
import { email } from '@qts-ops/alert-email';
import { slack } from '@qts-ops/alert-slack';
import { defineConfig, onDemand, target } from '@qts-ops/core';
import { brokerHeartbeat, fileAge } from '@qts-ops/health-checks';
import { pingBroker } from '../../examples/unattended-desk/desk/broker-heartbeat.ts';

const { BROKER_SOCKET: socketPath = '', CONTROL_FILE: path = '', SMTP_PORT = '' } = process.env;
/** Patient, so that a busy machine is no dead broker; the test asks for a look when it has changed something. */
const patient = { critical: true, intervalMs: 10_000, timeoutMs: 9_000, successesToResolve: 1 } as const;

export default defineConfig({
  instance: 'watched-desk',
  environment: 'PAPER',
  drain: '1s',
  targets: [target('by_hand', { on: onDemand(), run: () => undefined })],
  plugins: [
    email({
      id: 'mail',
      smtp: { host: '127.0.0.1', port: Number(SMTP_PORT), encryption: 'none' },
      from: 'Desk <desk@example.com>',
      to: 'on-call@example.com',
    }),
    slack({ webhookUrl: { env: 'SLACK_WEBHOOK_URL' } }),
  ],
  checks: [
    brokerHeartbeat({
      ...patient,
      answerWithinMs: 8_000,
      run: (signal) => pingBroker({ socketPath, timeoutMs: 8_000, signal }),
    }),
    // Nobody takes its alert: its reminder shows when one of the broker's would have come.
    fileAge({ ...patient, id: 'control', path, failAboveMs: 86_400_000 }),
  ],
  alerts: {
    routes: [
      { level: 'ERROR', to: ['slack'], continue: true, remindEvery: '10s' },
      { to: ['mail'], remindEvery: '10s' },
    ],
  },
});
