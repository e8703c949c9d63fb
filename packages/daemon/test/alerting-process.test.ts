import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cliInProcess } from './cli-in-process.ts';
import { startEngine, temporaryFolder } from './cli-process.ts';

const within = { timeout: 90_000, interval: 50 };
const reason = ['--reason', 'because the test says so'] as const;
const source = (name: string) => JSON.stringify(fileURLToPath(new URL(`../../${name}`, import.meta.url)));

let mail: Awaited<ReturnType<typeof startMail>>;
let slack: Awaited<ReturnType<typeof startSlack>>;
beforeEach(async () => {
  mail = await startMail();
  slack = await startSlack();
});
afterEach(async () => {
  await mail.close();
  await slack.close();
});

it('a broker that stops is one mail and one Slack message, taken once, one end each, whatever is killed in between', async () => {
  using home = temporaryFolder();
  writeConfig(home.path);
  broker(home.path, 'pass');
  mail.busy = true;
  const first = await startEngine(home.path);
  await settled(home.path, 'pass');
  broker(home.path, 'fail');
  await look(home.path);
  await vi.waitFor(() => expect(slack.texts).toHaveLength(1), within);
  // The mail server has put the mail off: it stands in the outbox, and the engine dies.
  await vi.waitFor(async () => {
    const { out } = await cliInProcess(home.path, 'alerts', 'show', 'check:broker');
    expect(out).toMatch(/ mail {2}first {2}retry /);
    expect(out).toMatch(/ slack {2}first {2}sent /);
  }, within);
  first.kill('SIGKILL');
  await first.ended;
  mail.busy = false;

  await using second = await startEngine(home.path);
  await vi.waitFor(() => expect(mail.subjects).toHaveLength(1), within);
  expect(mail.subjects[0]).toMatch(/CRITICAL.*FIRING.*broker/);
  expect(slack.texts[0]).toContain('broker');
  const taken = await cliInProcess(home.path, 'alerts', 'ack', 'check:broker', ...reason);
  expect(taken).toMatchObject({ exitCode: 0, err: '' });
  // That its reminder stays away, too, is shown beside one that comes, in the journey of the broker's alert.
  expect([mail.subjects.length, slack.texts.length]).toEqual([1, 1]);

  second.kill('SIGKILL');
  await second.ended;
  broker(home.path, 'pass');
  await using third = await startEngine(home.path);
  await look(home.path);
  await vi.waitFor(() => expect([mail.subjects.length, slack.texts.length]).toEqual([2, 2]), within);
  expect(mail.subjects[1]).toMatch(/RESOLVED.*broker/);
  expect((await cliInProcess(home.path, 'alerts')).out).toBe('no alert is open\n');
  third.kill('SIGTERM');
  expect((await third.ended).exitCode).toBe(0);
  expect([mail.subjects.length, slack.texts.length]).toEqual([2, 2]);
});

it('a test notice is delivered to a mail server and its result printed', async () => {
  using home = temporaryFolder();
  writeConfig(home.path);
  broker(home.path, 'pass');
  await using engine = await startEngine(home.path);
  const good = await cliInProcess(home.path, 'alerts', 'test', '--channel', 'mail');
  expect(good).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^delivered: mail took/) });
  expect(mail.subjects).toEqual([expect.stringContaining('TEST')]);
  mail.busy = true;
  const bad = await cliInProcess(home.path, 'alerts', 'test', '--channel', 'mail');
  expect(bad).toMatchObject({ exitCode: 1, out: expect.stringContaining('not delivered: mail failed') });
  engine.kill('SIGTERM');
  await engine.ended;
});

/** A desk whose broker is a file that says how it is. */
function writeConfig(folder: string): void {
  const config = `
    import { readFileSync } from 'node:fs';
    import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
    import { email } from ${source('alert-email/src/index.ts')};
    import { slack } from ${source('alert-slack/src/index.ts')};
    import { defineHealthCheck } from ${source('core/src/plugin.ts')};
    import { z } from ${JSON.stringify(fileURLToPath(import.meta.resolve('zod')))};

    const broker = defineHealthCheck({
      name: 'broker',
      apiVersion: 1,
      options: z.object({}),
      capabilities: { effect: 'read', network: false },
      defaults: { intervalMs: 10_000, timeoutMs: 9_000 },
      create: () => ({
        check: async () => {
          const status = readFileSync(join(import.meta.dirname, 'broker.txt'), 'utf8');
          return { status, message: 'the broker says ' + status };
        },
      }),
    });
    export default {
      instance: 'desk',
      targets: [{ id: 'idle', on: 'demand', run: () => undefined }],
      plugins: [
        email({
          id: 'mail',
          smtp: { host: '127.0.0.1', port: ${mail.port}, encryption: 'none' },
          from: 'desk@example.com',
          to: 'ann@example.com',
        }),
        slack({ webhookUrl: { env: 'ALERTING_TEST_SLACK' } }),
      ],
      checks: [broker({ critical: true, successesToResolve: 1 })],
      alerts: { routes: [{ id: 'all', to: ['mail', 'slack'], level: 'ERROR', remindEvery: '1h', continue: true }, { to: ['log'] }] },
    };
  `;
  process.env['ALERTING_TEST_SLACK'] = slack.url;
  writeFileSync(join(folder, 'qts-ops.config.ts'), config);
}

function broker(folder: string, status: 'pass' | 'fail'): void {
  writeFileSync(join(folder, 'broker.txt'), status);
}

/** Nobody waits for the next look, which is patient, so that a busy machine is no dead broker. */
async function look(folder: string): Promise<void> {
  expect((await cliInProcess(folder, 'health', 'run', 'broker')).exitCode).toBeLessThanOrEqual(2);
}

async function settled(folder: string, status: string): Promise<void> {
  await look(folder);
  await vi.waitFor(async () => {
    const { out } = await cliInProcess(folder, 'health', 'explain', 'broker', '--json');
    expect(JSON.parse(out)).toMatchObject({ status });
  }, within);
}

async function startMail() {
  const subjects: string[] = [];
  const state = { busy: false };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onMailFrom: (_from, _session, callback) =>
      callback(state.busy ? Object.assign(new Error('try again later'), { responseCode: 451 }) : null),
    onData(stream, _session, callback) {
      void takeMail(stream, subjects, callback);
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  // A TCP server has an address object.
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    subjects,
    set busy(busy: boolean) {
      state.busy = busy;
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

/** A mail counts as taken once its subject is known. */
async function takeMail(
  stream: Readable,
  subjects: string[],
  callback: (error: Error | null, message: string) => void,
): Promise<void> {
  const { subject = '' } = await PostalMime.parse(await buffer(stream));
  subjects.push(subject);
  callback(null, 'taken');
}

async function startSlack() {
  const texts: string[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      texts.push(text);
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server has an address object.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/T000/B000/secretsecret`,
    texts,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
