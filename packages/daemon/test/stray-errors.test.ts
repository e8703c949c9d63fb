import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectSocket, type OpsClient, resolveSocket } from '@qts-ops/core/client';
import { describe, expect, it, vi } from 'vitest';
import { startEngine, temporaryFolder } from './cli-process.ts';

const reason = 'because the test says so';
const within = { timeout: 90_000, interval: 20 };

describe.concurrent('a promise that a function leaves behind and that is rejected', () => {
  it('fails the run that left it, by name, and no other', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'forgetful', on: 'demand', run: async ({ signal }) => {
           Promise.reject(new Error('the order was not booked'));
           await new Promise((done) => setTimeout(done, 300));
           return 'all is well';
         } },
       { id: 'careful', on: 'demand', run: () => new Promise((done) => setTimeout(done, 300)) }`,
    );
    await using engine = await startEngine(home.path);
    await using client = connectTo(home.path);
    const [forgetful, careful] = await Promise.all(
      ['forgetful', 'careful'].map((id) => client.trigger(id, { reason })),
    );
    expect(await engine.logged('engine.stray-rejection')).toMatchObject({
      targetId: 'forgetful',
      executionId: forgetful?.executionId,
      error: expect.stringContaining('the order was not booked'),
    });
    expect(await endOf(client, forgetful?.executionId)).toMatchObject({
      status: 'FAILED',
      errorCode: 'BAT-0304',
      errorMessage: 'rejected a promise that nobody waited for: the order was not booked',
    });
    expect(await endOf(client, careful?.executionId)).toMatchObject({ status: 'SUCCESS' });
  });

  it('is an alert when its run has ended already', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'forgetful', on: 'demand', run: () => {
           setTimeout(() => Promise.reject(new Error('the feed was refused')), 200);
         } }`,
    );
    await using engine = await startEngine(home.path);
    await using client = connectTo(home.path);
    const { executionId } = await client.trigger('forgetful', { reason });
    expect(await endOf(client, executionId)).toMatchObject({ status: 'SUCCESS' });
    await engine.logged('engine.stray-rejection');
    const told = await vi.waitFor(async () => {
      const { items } = await client.alerts({});
      const found = items.find(({ message }) => message.includes('nobody waited for it'));
      expect(found).toBeDefined();
      return found;
    }, within);
    expect(told).toMatchObject({ level: 'WARN', title: '[SYSTEM_ERROR] forgetful' });
  });
});

describe.concurrent('an error that a callback throws and nobody catches', () => {
  it('ends the engine, which says whose it was; the next start closes what ran with that reason', async () => {
    using home = temporaryFolder();
    writeConfig(
      home.path,
      `{ id: 'culprit', on: 'demand', run: () => new Promise(() => {
           setInterval(() => { if (existsSync('go')) throw new TypeError('undefined is not a price'); }, 20);
         }) },
       { id: 'bystander', on: 'demand', run: () => new Promise(() => {}) }`,
    );
    const first = await startEngine(home.path);
    const ids: Array<string | undefined> = [];
    {
      await using client = connectTo(home.path);
      for (const id of ['bystander', 'culprit']) ids.push((await client.trigger(id, { reason })).executionId);
    }
    writeFileSync(join(home.path, 'go'), '');
    const { exitCode, err } = await first.ended;
    expect(exitCode).toBe(1);
    const last = JSON.parse(err.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ event: 'engine.died', targetId: 'culprit', executionId: ids[1] });
    expect(last.error).toContain('undefined is not a price');

    await using _second = await startEngine(home.path);
    await using client = connectTo(home.path);
    const [bystander, culprit] = [await endOf(client, ids[0]), await endOf(client, ids[1])];
    expect(culprit).toMatchObject({ status: 'FAILED', errorCode: 'BAT-0301', outcomeKnown: false });
    expect(culprit.errorMessage).toContain(
      'ended by an error that this run threw and nobody caught: TypeError: undefined is not a price',
    );
    expect(bystander).toMatchObject({ status: 'FAILED', errorCode: 'BAT-0301' });
    expect(bystander.errorMessage).toContain('ended by an error that target culprit threw and nobody caught');
  });

  it('is not blamed for a later death of another kind', async () => {
    using home = temporaryFolder();
    writeConfig(home.path, `{ id: 'waits', on: 'demand', run: () => new Promise(() => {}) }`);
    const first = await startEngine(home.path);
    let id: string | undefined;
    {
      await using client = connectTo(home.path);
      ({ executionId: id } = await client.trigger('waits', { reason }));
    }
    const word = join(home.path, '.qts-ops', 'last-word.json');
    const owner = { host: 'somebody', bootId: 'else', pid: first.pid, startTick: 1 };
    writeFileSync(word, JSON.stringify({ owner, atMs: 0, message: 'an older death' }));
    first.kill('SIGKILL');
    await first.ended;
    await using _second = await startEngine(home.path);
    await using client = connectTo(home.path);
    expect((await endOf(client, id)).errorMessage).not.toContain('an older death');
    expect(readFileSync(word, 'utf8')).toContain('an older death');
  });
});

function writeConfig(folder: string, targets: string): void {
  writeFileSync(
    join(folder, 'qts-ops.config.ts'),
    `import { existsSync } from 'node:fs';\nexport default { instance: 'desk', targets: [${targets}] };\n`,
  );
}

function connectTo(folder: string): OpsClient {
  return connectSocket({ socketPath: resolveSocket(join(folder, '.qts-ops')), operatorId: 'tester' });
}

async function endOf(client: OpsClient, executionId: string | undefined) {
  return vi.waitFor(async () => {
    const execution = await client.execution(executionId ?? '');
    expect(execution.endedAtMs).toBeDefined();
    return execution;
  }, within);
}
