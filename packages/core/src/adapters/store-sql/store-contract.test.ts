import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeStore } from '../../testing/describe-store.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

describeStore('a store in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qts-store-'));
  folders.push(folder);
  return openSqliteStore({ path: join(folder, 'ops.db'), now: () => 0 });
});

describeStore('a store in memory', () => openSqliteStore({ path: ':memory:', now: () => 0 }));
