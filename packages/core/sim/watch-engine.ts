import { parseArgs } from 'node:util';
import { z } from 'zod';
import {
  createConfig,
  createOps,
  defineAlertChannel,
  defineHealthCheck,
  type OpsClient,
  resultOfNetworkError,
  silentLogger,
} from '../src/index.ts';

/*
 * A real engine whose checks fail and recover, and whose notices go to a receiver over HTTP; it says on standard output
 * what is durable, one line each, until it is killed. With `--life 0` nothing fails: it ends when everything is told.
 */

const CHECKS = 3;
const { values } = parseArgs({
  options: {
    state: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
    life: { type: 'string', default: '0' },
  },
});
const life = Number(values.life);
const failing = new Set<string>();

const hook = defineAlertChannel({
  name: 'hook',
  apiVersion: 1,
  options: z.strictObject({}),
  capabilities: { formats: ['notice'], rate: { perSecond: 1000, burst: 1000 } },
  create: () => ({
    send: async (notice, _rendered, { signal }) => {
      try {
        const body = JSON.stringify({ ...notice, life });
        const answer = await fetch(values.url, { method: 'POST', body, signal });
        await answer.arrayBuffer();
        return answer.ok ? { status: 'sent' } : { status: 'retry', reason: `HTTP ${answer.status}` };
      } catch (error) {
        return resultOfNetworkError(error);
      }
    },
  }),
});

const watched = defineHealthCheck({
  name: 'watched',
  apiVersion: 1,
  options: z.strictObject({ name: z.string() }),
  capabilities: { effect: 'read', network: false },
  defaults: { intervalMs: 86_400_000, timeoutMs: 5000 },
  create: ({ name }) => ({
    check: async () => ({ status: failing.has(name) ? 'fail' : 'pass', message: name }),
  }),
});

/** Each life has checks of its own; those of the life before are gone, and with them their alerts. */
const names = Array.from({ length: life === 0 ? 0 : CHECKS }, (_, n) => `c${life}-${n}`);
const config = createConfig({
  instance: 'watch-torture',
  targets: [{ id: 'by-hand', on: 'demand', run: () => undefined }],
  plugins: [
    hook({}),
    ...names.map((name) =>
      watched({
        id: name,
        name,
        critical: true,
        failuresToAlert: 1,
        successesToResolve: 1,
        flapping: false,
      }),
    ),
  ],
});
const { alerts } = config.watch;
const oneByOne = { ...alerts.digest, notices: 100_000, criticalNotices: 100_000 };
const ops = createOps({
  config: { ...config, watch: { ...config.watch, alerts: { ...alerts, digest: oneByOne } } },
  stateFolder: values.state,
  logger: silentLogger,
});
await ops.start();
const client = ops.client({ operatorId: 'torture', method: 'library' });
say('ready');
if (life === 0) await settle();
else for (let round = 0; ; round++) await storm(client, round);

async function storm(operator: OpsClient, round: number): Promise<void> {
  const name = names[round % names.length] ?? '';
  if (failing.has(name)) failing.delete(name);
  else if (round < names.length * 2) failing.add(name);
  await operator.runChecks([name]);
  say(failing.has(name) ? `raised check:${name}` : `well check:${name}`);
  const reason = 'a start that is told to somebody';
  const { executionId } = await operator.trigger('by-hand', { reason });
  say(`started ${executionId}`);
  // Long enough for most notices to leave, short enough for some to meet the end of what they tell of.
  await new Promise((resolve) => setTimeout(resolve, 15));
}

async function settle(): Promise<void> {
  const waiting = async () => {
    const channels = await client.channels();
    const firing = await client.alerts({ open: true, alertType: 'HEALTH_CHECK' });
    const ours = firing.items.filter(({ dedupKey }) => /^check:c\d+-/.test(dedupKey));
    return ours.length + channels.reduce((sum, { pending }) => sum + pending, 0);
  };
  while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await ops.drain();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
