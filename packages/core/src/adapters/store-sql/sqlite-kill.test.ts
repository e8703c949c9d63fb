import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openSqliteStore } from './sqlite-store.ts';

const ROUNDS = 4;

/** Commits whole lives in a loop and prints the number of each one after it was acknowledged. */
const loop = `
  import { writeSync } from 'node:fs';
  import * as samples from '${new URL('../../testing/store-samples.ts', import.meta.url).href}';
  import { openSqliteStore } from '${new URL('./sqlite-store.ts', import.meta.url).href}';
  const [path, round] = process.argv.slice(1);
  const store = await openSqliteStore({ path: path ?? '', now: () => 0 });
  await store.commit([{ kind: 'job.upsert', job: samples.sampleJob(), atMs: 0 }]);
  for (const execution of await store.readActive()) {
    const failed = samples.ended(samples.claimed(execution), 'FAILED', 9);
    await store.commit([samples.updateOf(execution, { ...failed, fence: execution.fence + 1 })]);
  }
  for (let number = 0; ; number += 1) {
    const ready = samples.sampleExecution(round + '-' + number);
    const running = samples.claimed(ready);
    const start = [samples.insertOf(ready), samples.updateOf(ready, running), samples.auditOf(samples.sampleAudit())];
    if ((await store.commit(start)) !== 'committed') throw new Error('start ' + number);
    const end = samples.ended(running, 'SUCCESS', ready.createdAtMs + 1);
    if ((await store.commit([samples.updateOf(running, end)])) !== 'committed') throw new Error('end ' + number);
    writeSync(1, number + '\\n');
  }
`;

it('loses nothing it acknowledged when it is killed in the middle of commits', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-kill-'));
  const path = join(folder.path, 'ops.db');
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const number of await runAndKill(path, String(round), 20 + round * 7))
      acknowledged.push(`${round}-${number}`);
    using raw = new DatabaseSync(path);
    expect(raw.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(raw.prepare('pragma foreign_key_check').all()).toEqual([]);
  }
  await using store = await openSqliteStore({ path, now: () => 0 });
  for (const id of acknowledged) expect((await store.findExecution(id))?.status).toBe('SUCCESS');
  expect((await store.readActive()).length).toBeLessThanOrEqual(1);
  expect(await store.verifyAuditChain(1)).toBeUndefined();
  expect(await store.lastAuditSeq()).toBeGreaterThanOrEqual(acknowledged.length);
  expect((await store.queryExecutions({ status: 'FAILED' })).total).toBeLessThan(ROUNDS);
  expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * 20);
});

/** What a committing process acknowledged, the lines after the kill included. */
async function runAndKill(path: string, round: string, killAfter: number): Promise<readonly string[]> {
  const args = ['--input-type=module-typescript', '-e', loop, path, round];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === killAfter) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return lines;
}
