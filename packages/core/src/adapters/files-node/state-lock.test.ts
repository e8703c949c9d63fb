import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isStateLocked, lockState, readLockOwner } from './state-lock.ts';

const owner = {
  host: hostname(),
  bootId: 'boot',
  pid: 4711,
  startTick: 5,
  engineBootId: 'engine',
  sinceMs: Date.UTC(2026, 0, 2),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qts-ops-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that holds the lock until it ends, and that does not keep what it was given. */
async function otherHolder(): Promise<ChildProcess> {
  const module = join(import.meta.dirname, 'state-lock.ts');
  const source = `
    import { lockState } from ${JSON.stringify(module)};
    lockState(${JSON.stringify(folder)}, ${JSON.stringify(owner)});
    globalThis.gc();
    process.stdout.write('held');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a state folder', () => {
  it('is held by one, names its owner to the next, and can be given back twice', () => {
    const lock = lockState(folder, owner);
    expect(isStateLocked(folder)).toBe(true);
    expect(() => lockState(folder, { ...owner, pid: 1 })).toThrow(
      expect.objectContaining({
        code: 'SYS-0110',
        message: expect.stringContaining(`pid 4711 on ${hostname()} since 2026-01-02T00:00:00.000Z`),
        data: expect.objectContaining({ pid: 4711, stateFolder: folder }),
      }),
    );
    lock.release();
    lock.release();
    expect(isStateLocked(folder)).toBe(false);
  });

  it('is gone when the process that held it is killed, and its note says who that was', async () => {
    const child = await otherHolder();
    expect(isStateLocked(folder)).toBe(true);
    expect(() => lockState(folder, owner)).toThrow(expect.objectContaining({ code: 'SYS-0110' }));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isStateLocked(folder)).toBe(false);
    const lock = lockState(folder, { ...owner, pid: 1 });
    expect(lock.previousOwner).toEqual(owner);
    lock.release();
  });

  it('is kept from others while it is only looked at', async () => {
    const lock = lockState(folder, owner);
    for (let look = 0; look < 20; look++) expect(isStateLocked(folder)).toBe(true);
    lock.release();
    const again = lockState(folder, owner);
    again.release();
  });

  it('leaves no trace where nobody ever held it', () => {
    expect(isStateLocked(folder)).toBe(false);
    expect(isStateLocked(join(folder, 'nowhere'))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(readLockOwner(folder)).toBeUndefined();
  });

  it('makes the folder for its owner only', () => {
    const inner = join(folder, 'a/b');
    lockState(inner, owner).release();
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(statSync(join(inner, 'engine.json')).mode & 0o777).toBe(0o600);
  });

  it('is refused by its code also when the note beside it is damaged', () => {
    const lock = lockState(folder, owner);
    for (const note of [
      '',
      '{',
      'null',
      '{"pid":"x"}',
      '{"pid":1,"host":"h","bootId":"b","sinceMs":1e300}',
    ]) {
      writeFileSync(join(folder, 'engine.json'), note);
      expect(readLockOwner(folder)).toBeUndefined();
    }
    expect(() => lockState(folder, owner)).toThrow(expect.objectContaining({ code: 'SYS-0110' }));
    lock.release();
  });

  it('says that the folder cannot be used instead of naming an owner that does not exist', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => lockState(join(folder, 'file'), owner)).toThrow(
      expect.objectContaining({ code: 'SYS-0111' }),
    );
    writeFileSync(
      join(folder, 'engine.lock'),
      'this is no database, and long enough to be seen as a damaged one'.repeat(20),
    );
    expect(() => lockState(folder, owner)).toThrow(expect.objectContaining({ code: 'SYS-0111' }));
    expect(isStateLocked(folder)).toBe(false);
  });

  it('is readable by its account alone, with its journal, also where an older version made it', () => {
    lockState(folder, owner).release();
    chmodSync(join(folder, 'engine.lock'), 0o644);
    const lock = lockState(folder, owner);
    for (const name of readdirSync(folder)) {
      expect({ name, mode: statSync(join(folder, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
    }
    // Looking at the rights has not let go of the lock.
    expect(isStateLocked(folder)).toBe(true);
    lock.release();
  });

  it('is given back when its note cannot be written', () => {
    // A folder in the place of the note refuses every account.
    mkdirSync(join(folder, 'engine.json'));
    expect(() => lockState(folder, owner)).toThrow(expect.objectContaining({ code: 'SYS-0111' }));
    expect(isStateLocked(folder)).toBe(false);
  });
});
