import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { jsonLogger } from '../../adapters/logger-json/json-logger.ts';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import type { SecretInput } from '../../ports/alert-channel.ts';
import { defineAlertChannel } from '../../ports/define-alert-channel.ts';
import { defineHealthCheck } from '../../ports/define-health-check.ts';
import { secretOption } from '../../ports/plugin-secret.ts';
import { createTestOps } from '../../testing/create-test-ops.ts';
import { testTarget } from '../../testing/test-targets.ts';

/** With a quote, a backslash and a character of three bytes: it looks different in JSON and in a URL. */
const CANARY = 'c4n4ry-"q"\\시크릿';
const VISIBLE = /c4n4ry|시크릿|%EC%8B%9C/;
const options = z.strictObject({ token: secretOption });
const token: SecretInput = { env: 'PLANTED' };

/** A check and a channel that say the secret which they read in every way they can. */
function talkers(sent: string[]) {
  const check = defineHealthCheck({
    name: 'talker',
    apiVersion: 1,
    options,
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 10_000, timeoutMs: 1000 },
    create: (given, context) => ({
      check: async () => {
        const secret = context.secret(given.token).reveal();
        context.log.warn(`asking with ${secret}`, { secret });
        return {
          status: 'fail',
          message: `refused ${secret} ${encodeURIComponent(secret)}`,
          details: { secret, json: JSON.stringify(secret) },
        };
      },
    }),
  });
  const thrower = defineHealthCheck({
    name: 'thrower',
    apiVersion: 1,
    options,
    capabilities: { effect: 'read', network: false },
    defaults: { intervalMs: 10_000, timeoutMs: 1000 },
    pingKeys: () => ['nightly'],
    create: (given, context) => ({
      check: async () => {
        throw new Error(`cannot ask with ${context.secret(given.token).reveal()}`);
      },
    }),
  });
  const channel = defineAlertChannel({
    name: 'email',
    apiVersion: 1,
    options,
    capabilities: {
      formats: ['text', 'html', 'slack-blocks', 'notice'],
      rate: { perSecond: 100, burst: 100 },
    },
    create: (given, context) => ({
      send: async (notice, rendered) => {
        sent.push(JSON.stringify({ notice, rendered }));
        const secret = context.secret(given.token).reveal();
        if (notice.reason === 'test') throw new Error(`login as ${secret} failed`);
        return { status: 'retry', reason: `the server said ${secret}` };
      },
    }),
  });
  return [check({ token, critical: true }), thrower({ token, critical: true }), channel({ token })];
}

it('a secret of a plugin is in no alert, notice, row, view, event, log line or file, whoever says it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-watch-secrets-'));
  const lines: string[] = [];
  const sent: string[] = [];
  const seen: unknown[] = [];
  const store = await openSqliteStore({ path: join(folder, 'qts-ops.db'), now: () => 0 });
  const write = (line: string) => void lines.push(line);
  const test = await createTestOps({
    targets: [testTarget('idle', () => undefined)],
    plugins: talkers(sent),
    stateFolder: folder,
    store,
    parts: {
      env: { PLANTED: CANARY },
      logger: jsonLogger({ clock: { now: () => 0 }, write, secrets: [], level: 'debug' }),
    },
  });
  const { client } = test;
  test.ops.subscribe((event) => seen.push(event));
  await test.clock.advance(30_000);
  await client.ping('nightly', { kind: 'fail', body: `failed with ${CANARY}` });
  const reason = `the hook ${CANARY} was changed`;
  await client.silence({ matchers: ['check=other'], forMs: 60_000, reason });
  const { items } = await client.alerts({});
  for (const { id } of items) seen.push(await client.alert(id));
  await client.acknowledge(items[0]?.id ?? '', { reason });
  const testing = client.testChannel('email', 'CRITICAL');
  await test.clock.advance(31_000);
  seen.push(await testing, await client.channels(), await client.silences(), await client.health());
  seen.push(await client.snapshot(), await client.auditLogs({}), await store.readPings());
  await test[Symbol.asyncDispose]();
  await store.close();

  expect(items.map(({ dedupKey }) => dedupKey)).toEqual(
    expect.arrayContaining(['check:talker', 'check:thrower']),
  );
  expect(sent.length).toBeGreaterThan(2);
  const texts = [
    ...lines,
    ...sent,
    ...test.alerts,
    ...seen.map((each) => JSON.stringify(each)),
    ...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')),
  ];
  expect(texts.filter((text) => VISIBLE.test(text)).map(around)).toEqual([]);
  expect(texts.join('\n')).toContain('[secret]');
  rmSync(folder, { recursive: true, force: true });
});

it('a secret that no plugin has needed yet is as hidden as any other', async () => {
  const lines: string[] = [];
  const seen: unknown[] = [];
  const create = () => ({ send: async () => ({ status: 'sent' as const }) });
  const quiet = defineAlertChannel({
    name: 'quiet',
    apiVersion: 1,
    options: z.strictObject({ token: secretOption, headers: z.record(z.string(), secretOption) }),
    capabilities: { formats: ['text'] },
    create,
  });
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-named-secrets-'));
  writeFileSync(join(folder, 'token'), `from a file ${CANARY}\n`, { mode: 0o600 });
  const test = await createTestOps({
    targets: [
      testTarget('teller', ({ log }) => {
        log(`the header is ${CANARY}`);
        throw new Error(`the token is from a file ${CANARY}`);
      }),
    ],
    plugins: [
      quiet({ token: { file: join(folder, 'token') }, headers: { 'X-Token': token } }),
      // What cannot be read is for the channel to say when it needs it.
      quiet({ id: 'other', token: { env: 'NOT_SET' }, headers: {} }),
    ],
    parts: {
      env: { PLANTED: CANARY },
      logger: jsonLogger({ clock: { now: () => 0 }, write: (line) => void lines.push(line), secrets: [] }),
    },
  });
  test.ops.subscribe((event) => seen.push(event));
  await test.clock.advance(30_000);
  const { items } = await test.client.executions({});
  seen.push(items, await test.client.snapshot(), await test.client.alerts({}));
  for (const { id } of items) seen.push(await test.client.execution(id), await test.client.output(id, 0));
  await test[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  const texts = [...lines, ...test.alerts, ...seen.map((each) => JSON.stringify(each))];
  expect(texts.filter((text) => VISIBLE.test(text)).map(around)).toEqual([]);
  expect(texts.join('\n')).toContain('the token is [secret]');
  expect(texts.join('\n')).toContain('the header is [secret]');
});

function around(text: string): string {
  const at = text.search(VISIBLE);
  return text.slice(Math.max(0, at - 120), at + 60);
}
