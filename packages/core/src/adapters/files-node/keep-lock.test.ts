import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeepLockOwner } from '../../ports/keep-files.ts';
import { nodeKeepLocks } from './keep-lock.ts';

const owner: KeepLockOwner = { runId: 'r1', pid: 42, host: 'desk', bootId: 'b', sinceMs: 1_700_000_000_000 };
const locks = nodeKeepLocks();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keep-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a root', () => {
  it('lets one run in and names it to the other', () => {
    const file = join(folder, 'deep', 'root.lock');
    const first = locks.take(file, owner);
    expect(() => locks.take(file, { ...owner, runId: 'r2' })).toThrow(
      expect.objectContaining({ code: 'SYS-0126', message: expect.stringMatching(/run r1, pid 42 on desk/) }),
    );
    first.release();
    first.release();
    locks.take(file, { ...owner, runId: 'r2' }).release();
  });

  it('is let go by the system when its process is killed', async () => {
    const file = join(folder, 'root.lock');
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(${JSON.stringify(file)});
      database.exec('BEGIN EXCLUSIVE');
      console.log('held');
      setInterval(() => database.isOpen, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(() => locks.take(file, owner)).toThrow(expect.objectContaining({ code: 'SYS-0126' }));
    child.kill('SIGKILL');
    await once(child, 'exit');
    locks.take(file, owner).release();
  });

  it('says what is wrong with a file that cannot be a lock', () => {
    const file = join(folder, 'root.lock');
    writeFileSync(file, 'this is no database, and long enough to be told apart from an empty one'.repeat(20));
    chmodSync(file, 0o600);
    expect(() => locks.take(file, owner)).toThrow(expect.objectContaining({ code: 'SYS-0127' }));
  });
});
