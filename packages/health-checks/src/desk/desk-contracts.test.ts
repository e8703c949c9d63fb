import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_NOW_MS, describeHealthCheck, type LookedAtState } from '@qts-ops/core/testing';
import { beforeContract, lookedAt, lookedAtFolder, lookedAtServer } from '../../test/looked-at.ts';
import { serveHttp } from '../../test/loopback.ts';
import { type BrokerHeartbeatOptions, brokerHeartbeat } from './broker-heartbeat.ts';
import { type EtedaLoopLatencyOptions, etedaLoopLatency } from './eteda-loop-latency.ts';
import { type ExecOptions, exec } from './exec.ts';
import { type HeartbeatInOptions, heartbeatIn, type Ping } from './heartbeat-in.ts';

const MINUTE = 60_000;
const never = () => Promise.withResolvers<undefined>().promise;

describeHealthCheck<BrokerHeartbeatOptions>('broker_heartbeat by a ping', {
  kind: brokerHeartbeat,
  states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    let looks = 0;
    const run = async (): Promise<unknown> => {
      looks += 1;
      if (state === 'hang') return never();
      if (state === 'fail') throw new Error('session refused');
      if (state === 'warn') await new Promise((resolve) => setTimeout(resolve, 20));
      return state === 'unknown' ? 'fine' : { ok: true, reconnects: 2 };
    };
    return lookedAt({ run, ...(state === 'warn' ? { warnAboveMs: 1 } : {}) }, { looks: () => looks });
  },
  wrongOptions: [{ options: { answerWithinMs: 0 }, fields: ['answerWithinMs', 'run', 'url', 'quoteFile'] }],
});

describeHealthCheck<BrokerHeartbeatOptions>('broker_heartbeat by a URL', {
  kind: brokerHeartbeat,
  states: ['pass', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    const server = await serveHttp((_request, response) => {
      if (state === 'hang') return;
      response.writeHead(state === 'fail' ? 503 : 200).end('{}');
    });
    const url = `http://desk:plantedPassword@127.0.0.1:${server.port}/alive?key=plantedKey`;
    const secrets = ['plantedPassword', 'plantedKey'];
    const name = state === 'unknown' ? 'NOT_SET' : 'BROKER_URL';
    return lookedAtServer(server, { url: { env: name } }, { env: { BROKER_URL: url }, secrets });
  },
  wrongOptions: [{ options: { url: '', reconnectsPath: '..' }, fields: ['url', 'reconnectsPath'] }],
});

const DURATIONS: Readonly<Partial<Record<LookedAtState, number>>> = { pass: 20, warn: 200, fail: 900 };

describeHealthCheck<EtedaLoopLatencyOptions>('eteda_loop_latency', {
  kind: etedaLoopLatency,
  states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    const limits = { warnAboveP95Ms: 100, failAboveP95Ms: 500, failAboveSilenceMs: MINUTE };
    if (state === 'hang')
      return lookedAt({ cycles: () => Promise.withResolvers<number[]>().promise, ...limits });
    return lookedAtFolder((folder) => {
      const file = join(folder, 'patterns.jsonl');
      const lines = Array.from({ length: state === 'unknown' ? 1 : 20 }, (_, index) => {
        const meta = {
          latency_ms: DURATIONS[state] ?? 20,
          timestamp_ms: CONTRACT_NOW_MS - (20 - index) * 1_000,
        };
        return JSON.stringify({ snapshot: { meta } });
      });
      writeFileSync(file, `${lines.join('\n')}\n`);
      return { file, ...limits };
    });
  },
  wrongOptions: [{ options: { failAboveP95Ms: 0 }, fields: ['failAboveP95Ms', 'file', 'cycles'] }],
});

describeHealthCheck<HeartbeatInOptions>('heartbeat_in by a file', {
  kind: heartbeatIn,
  states: ['pass', 'fail', 'unknown'],
  start: async (state) =>
    lookedAtFolder((folder) => {
      const file = join(folder, 'last-run');
      const at = beforeContract(state === 'fail' ? 20 * MINUTE : MINUTE);
      if (state !== 'unknown') {
        writeFileSync(file, '');
        utimesSync(file, at, at);
      }
      return { file, periodMs: 10 * MINUTE };
    }),
  wrongOptions: [{ options: { periodMs: 0, graceMs: -1 }, fields: ['periodMs', 'graceMs', 'file', 'key'] }],
});

describeHealthCheck<HeartbeatInOptions>('heartbeat_in by pings', {
  kind: heartbeatIn,
  states: ['pass', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    let looks = 0;
    const lastPing = (): Ping | undefined | Promise<undefined> => {
      looks += 1;
      if (state === 'hang') return never();
      if (state === 'unknown') return undefined;
      return { atMs: CONTRACT_NOW_MS - MINUTE, outcome: state === 'fail' ? 'fail' : 'success' };
    };
    return lookedAt({ pings: { lastPing }, key: 'nightly', cron: '*/10 * * * *' }, { looks: () => looks });
  },
  wrongOptions: [{ options: { pings: 1, key: '', cron: 'x' }, fields: ['pings', 'key', 'cron'] }],
});

const EXIT_CODES: Readonly<Record<Exclude<LookedAtState, 'hang'>, number>> = {
  pass: 0,
  warn: 1,
  fail: 2,
  unknown: 3,
};

describeHealthCheck<ExecOptions>('exec', {
  kind: exec,
  states: ['pass', 'warn', 'fail', 'unknown', 'hang'],
  start: async (state) => {
    const script = state === 'hang' ? 'sleep 60' : `echo "DESK $TOKEN|load=1;2;3"; exit ${EXIT_CODES[state]}`;
    const options = { file: '/bin/sh', args: ['-c', script], env: { TOKEN: { env: 'DESK_TOKEN' } } };
    return lookedAt(options, { env: { DESK_TOKEN: 'plantedToken' }, secrets: ['plantedToken'] });
  },
  wrongOptions: [{ options: { file: '', answerWithinMs: 0 }, fields: ['file', 'answerWithinMs'] }],
});
