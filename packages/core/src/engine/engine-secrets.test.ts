import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsClient } from '../client/ops-client.ts';
import type { FeedMessage } from '../client/ops-views.ts';
import type { JsonObject } from '../kernel/json.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { Secret } from '../kernel/secret.ts';
import type { TargetContext } from '../ports/target.ts';
import { createTestOps, type TestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';
import type { OpsStore } from './ops-store.ts';

/** With a quote, a backslash and a character of three bytes: it looks different in JSON and in a URL. */
const CANARY = 'c4n4ry-"q"\\시크릿';
const secrets = [new Secret('SLACK_WEBHOOK_URL', CANARY)];
const VISIBLE = /c4n4ry|시크릿|%EC%8B%9C/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Every way in which a target can say something. */
const WAYS: Readonly<Record<string, (context: TargetContext) => unknown>> = {
  'throws it': () => {
    throw new Error(`cannot post to ${CANARY}`, { cause: new Error(CANARY) });
  },
  'throws it at the cut': () => {
    throw new Error(`${'x'.repeat(990)}${CANARY}`);
  },
  'throws it declared': () => {
    throw opsException('BAT-0303', CANARY, { data: { url: CANARY } });
  },
  'returns it': () => ({ status: 'failed', url: CANARY, [CANARY]: 1, json: JSON.stringify({ CANARY }) }),
  'prints it': ({ log }) => {
    log(CANARY);
    log(JSON.stringify({ url: CANARY }));
    throw new Error(encodeURIComponent(CANARY));
  },
  'reports it': async ({ progress }) => {
    progress({ done: 1, message: `posting to ${CANARY}`, unit: CANARY.slice(0, 20) });
    progress({ done: 2, message: `posting to ${CANARY}` });
    throw new Error(JSON.stringify(CANARY));
  },
};

it('a secret is in no row, log line, alert, view, event, file or refusal, whatever says it', async () => {
  const heard = { lines: [] as string[], alerts: [] as string[], seen: [] as unknown[] };
  const held = new HeldWork();
  const store = await openSqliteStore({ path: join(folder, 'qts-ops.db'), now: () => 0 });
  const test = await startTelling(store, held, heard);
  test.ops.subscribe((event) => heard.seen.push(event));
  const watched = collect(test.client.watch(new AbortController().signal), heard.seen);
  await test.clock.advance(1500);
  await vi.waitFor(async () => expect(await store.readActive()).toEqual([]), { timeout: 90_000 });
  const params = { url: CANARY, nested: [{ [CANARY]: CANARY }] };
  heard.seen.push(...(await actAsOperator(test, held, params)), ...(await everyView(test.client)));
  await test.clock.advance(2000);
  await test[Symbol.asyncDispose]();
  await watched;
  await store.close();

  expect(held.newest.context.params).toEqual(params);
  expect(heard.alerts.length).toBeGreaterThanOrEqual(Object.keys(WAYS).length);
  expect(heard.lines.join('')).toContain('an alert channel failed');
  const seen = heard.seen.map((each) => JSON.stringify(each));
  const texts = [...heard.lines, ...heard.alerts, ...seen, ...filesIn(folder)];
  expect(texts.filter((text) => VISIBLE.test(text)).map((text) => around(text))).toEqual([]);
  expect(texts.join('\n')).toContain('[secret]');
});

it('the JSON logger takes out a secret that JSON writes differently', () => {
  const lines: string[] = [];
  const logger = jsonLogger({ clock: { now: () => 0 }, write: (line) => lines.push(line), secrets });
  logger.warn(`at ${CANARY}`, { url: CANARY, list: [CANARY], [CANARY]: 1 });
  logger.debug(CANARY);
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"at [secret]","url":"[secret]","list":["[secret]"],"[secret]":1}\n',
  ]);
});

/** An engine whose targets and alert channel say the secret in every way; its own sinks know of no secret. */
function startTelling(
  store: OpsStore,
  held: HeldWork,
  heard: { readonly lines: string[]; readonly alerts: string[] },
): Promise<TestOps> {
  const { schedule: _schedule, ...manual } = testTarget('manual', held.run);
  const floods = testTarget('floods', ({ log }) => log(`${'y'.repeat(6000)}${CANARY}`));
  const targets = Object.entries(WAYS).map(([way, run], index) =>
    testTarget(`t${index}`, run, { title: way, errors: { maxConsecutiveErrors: 1 } }),
  );
  const write = (line: string) => void heard.lines.push(line);
  return createTestOps({
    targets: [...targets, floods, manual],
    config: { secrets },
    stateFolder: folder,
    store,
    parts: {
      logger: jsonLogger({ clock: { now: () => 0 }, write, secrets: [], level: 'debug' }),
      alertChannel: {
        sendCritical: (message) => {
          heard.alerts.push(message);
          throw new Error(`cannot post to ${CANARY}`);
        },
        sendWarning: (message) => void heard.alerts.push(message),
      },
    },
  });
}

/** Says the secret in every act; what comes back is returned, refusals too. */
async function actAsOperator(test: TestOps, held: HeldWork, params: JsonObject): Promise<readonly unknown[]> {
  const { client } = test;
  const reason = `the hook ${CANARY} was changed`;
  const { executionId = '' } = await client.trigger('manual', { reason, params, requestId: 'r' });
  await test.clock.settle();
  await client.stop(executionId, { reason });
  held.newest.fail(new Error(CANARY));
  await client.pause('manual', { reason });
  await client.resume('manual', { reason });
  return [
    await refusal(client.trigger('manual', { reason, params: { other: CANARY }, requestId: 'r' })),
    await refusal(client.trigger('manual', { reason: CANARY.slice(0, 3) })),
  ];
}

async function everyView(client: OpsClient): Promise<readonly unknown[]> {
  const snapshot = await client.snapshot();
  const views: unknown[] = [snapshot, await client.auditLogs({})];
  for (const { id } of (await client.executions({})).items) {
    views.push(await client.execution(id), await client.output(id, 0));
  }
  for (const { id } of snapshot.targets) views.push(await client.target(id));
  return views;
}

async function collect(messages: AsyncIterable<FeedMessage>, into: unknown[]): Promise<void> {
  try {
    for await (const message of messages) into.push(message);
  } catch (error) {
    expect(error).toMatchObject({ code: 'EXT-0105' });
  }
}

async function refusal(act: Promise<unknown>): Promise<object> {
  const error: unknown = await act.then(
    () => new Error('was not refused'),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: expect.stringMatching(/^(BAT|INP)-/) });
  return error instanceof Error ? { ...error, text: String(error) } : {};
}

function filesIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}: ${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`);
}

function around(text: string): string {
  const at = text.search(VISIBLE);
  return text.slice(Math.max(0, at - 120), at + 60);
}
