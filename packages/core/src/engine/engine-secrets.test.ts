import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { FeedMessage } from '../client/ops-views.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { Secret } from '../kernel/secret.ts';
import type { TargetContext } from '../ports/target.ts';
import { createTestOps } from '../testing/create-test-ops.ts';
import { HeldWork, testTarget } from '../testing/test-targets.ts';

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
  const lines: string[] = [];
  const alerts: string[] = [];
  const seen: unknown[] = [];
  const given: unknown[] = [];
  const path = join(folder, 'qts-ops.db');
  const store = await openSqliteStore({ path, now: () => 0 });
  const held = new HeldWork();
  const { schedule: _schedule, ...manual } = testTarget('manual', held.run);
  const floods = testTarget('floods', ({ log }) => log(`${'y'.repeat(6000)}${CANARY}`));
  const targets = Object.entries(WAYS).map(([way, run], index) =>
    testTarget(`t${index}`, run, { title: way, errors: { maxConsecutiveErrors: 1 } }),
  );
  const test = await createTestOps({
    targets: [...targets, floods, manual],
    config: { secrets },
    stateFolder: folder,
    store,
    parts: {
      logger: jsonLogger({
        clock: { now: () => 0 },
        write: (line) => lines.push(line),
        secrets: [],
        level: 'debug',
      }),
      alertChannel: {
        sendCritical: (message) => {
          alerts.push(message);
          throw new Error(`cannot post to ${CANARY}`);
        },
        sendWarning: (message) => void alerts.push(message),
      },
    },
  });
  test.ops.subscribe((event) => seen.push(event));
  const { client } = test;
  const watched = collect(client.watch(new AbortController().signal), seen);
  await test.clock.advance(1500);
  await vi.waitFor(async () => expect(await store.readActive()).toEqual([]));

  const reason = `the hook ${CANARY} was changed`;
  const params = { url: CANARY, nested: [{ [CANARY]: CANARY }] };
  const { executionId = '' } = await client.trigger('manual', { reason, params, requestId: 'r' });
  await test.clock.settle();
  given.push(held.newest.context.params);
  await client.stop(executionId, { reason });
  held.newest.fail(new Error(CANARY));
  await client.pause('manual', { reason });
  await client.resume('manual', { reason });
  seen.push(
    await client.snapshot(),
    await client.auditLogs({}),
    await refusal(client.trigger('manual', { reason, params: { other: CANARY }, requestId: 'r' })),
    await refusal(client.trigger('manual', { reason: CANARY.slice(0, 3) })),
  );
  for (const { id } of (await client.executions({})).items) {
    seen.push(await client.execution(id), await client.output(id, 0));
  }
  for (const { id } of (await client.snapshot()).targets) seen.push(await client.target(id));
  await test.clock.advance(2000);
  await test[Symbol.asyncDispose]();
  await watched;
  await store.close();

  expect(given).toEqual([params]);
  expect(alerts.length).toBeGreaterThanOrEqual(targets.length);
  expect(lines.join('')).toContain('an alert channel failed');
  const texts = [...lines, ...alerts, ...seen.map((each) => JSON.stringify(each)), ...filesIn(folder)];
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
