import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../adapters/store-sql/sqlite-store.ts';
import { healthRig, quickCheck } from '../../testing/health-rig.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'qts-health-'));
  await work(join(folder.path, 'ops.db'));
}

describe('after a restart', () => {
  it('a confirming state goes on where it was, and an open alert is not raised again but resolved', () =>
    withFile(async (path) => {
      const clock = new VirtualClock();
      const policy = { failuresToAlert: 3, successesToResolve: 2 };
      let good = true;
      const checks = [quickCheck('a', () => good, policy)];
      const said: string[] = [];
      for (const next of [true, false, false, false, false, true, true]) {
        good = next;
        await using rig = await healthRig({ checks, path, clock });
        await rig.health.runNow();
        said.push(...rig.said());
        await clock.advance(1000);
      }
      expect(said).toEqual(['raise ERROR a hard-fail', 'resolve ERROR a recovered']);
    }));

  it('what is on record is old and says so until somebody looks', () =>
    withFile(async (path) => {
      const clock = new VirtualClock();
      const checks = [quickCheck('a', () => true)];
      {
        await using rig = await healthRig({ checks, path, clock });
        await rig.health.runNow();
      }
      await clock.advance(3_600_000);
      await using rig = await healthRig({ checks, path, clock });
      await rig.health.load();
      expect(rig.health.view('a')).toMatchObject({ status: 'unknown', why: 'stale' });
      await rig.health.runNow();
      expect(rig.health.view('a').status).toBe('pass');
      const accounts = await rig.health.availability('a', {
        fromMs: clock.now() - 3_600_000,
        toMs: clock.now(),
      });
      expect(accounts).toMatchObject({ passMs: 2500, unknownMs: 3_597_500 });
    }));

  it('the alert of a check that is no longer configured is resolved', () =>
    withFile(async (path) => {
      const clock = new VirtualClock();
      {
        await using rig = await healthRig({ checks: [quickCheck('gone', () => false)], path, clock });
        await rig.health.runNow();
        expect(rig.said()).toEqual(['raise ERROR gone hard-fail']);
      }
      await using rig = await healthRig({ checks: [quickCheck('other', () => true)], path, clock });
      await rig.health.load();
      expect(rig.said()).toEqual(['resolve ERROR gone removed']);
      expect(await rig.store.readCheckStates()).toEqual([]);
    }));

  it('an alert that was held back when the engine ended is raised by the next one', () =>
    withFile(async (path) => {
      const clock = new VirtualClock();
      const checks = [quickCheck('a', () => false)];
      {
        await using rig = await healthRig({ checks, path, clock, startupGraceMs: 30_000 });
        await rig.health.start();
        await clock.advance(5000);
        expect(rig.said()).toEqual([]);
      }
      await using rig = await healthRig({ checks, path, clock, startupGraceMs: 30_000 });
      await rig.health.start();
      await clock.advance(35_000);
      expect(rig.said()).toEqual(['raise ERROR a released']);
    }));
});

describe('when the store fails', () => {
  it('checks go on, one line says so, and what is shown grows stale', async () => {
    let broken = false;
    let looks = 0;
    const look = () => {
      looks += 1;
      return !broken;
    };
    const path = ':memory:';
    const store = await openSqliteStore({ path, now: () => 0 });
    await using rig = await healthRig({
      checks: [quickCheck('a', look)],
      store,
      commit: async (changes) => {
        if (broken) throw new Error('disk full');
        return store.commit(changes);
      },
    });
    await rig.health.start();
    await rig.clock.advance(5000);
    broken = true;
    const before = looks;
    await rig.clock.advance(10_000);
    expect(looks).toBeGreaterThan(before + 8);
    expect(rig.lines).toEqual(['error what checks found could not be written']);
    expect(rig.health.view('a')).toMatchObject({ status: 'unknown', why: 'stale' });
    await expect(rig.health.runNow()).rejects.toThrow('disk full');
    broken = false;
    await rig.clock.advance(2000);
    expect(rig.health.view('a').why).toBeUndefined();
  });
});

/** Runs checks that change in a loop, and prints each signal after its commit was acknowledged. */
const loop = `
  import { writeSync } from 'node:fs';
  import { healthRig, quickCheck } from '${new URL('../../testing/health-rig.ts', import.meta.url).href}';
  const [path, round] = process.argv.slice(1);
  let turn = Number(round) * 1000;
  const rig = await healthRig({
    path,
    checks: Array.from({ length: 5 }, (_, index) => quickCheck('c' + index, () => (turn + index) % 3 !== 0)),
  });
  for (;; turn += 1) {
    await rig.health.runNow();
    for (const { action, checkId, isRepeat } of rig.signals.splice(0)) if (!isRepeat) writeSync(1, action + ' ' + checkId + '\\n');
  }
`;

it('killed at any moment, a check never resolves what it did not raise and never raises twice', () =>
  withFile(async (path) => {
    const open = new Map<string, boolean>();
    for (let round = 0; round < 4; round += 1) {
      const args = ['--input-type=module-typescript', '-e', loop, path, String(round)];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      let count = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const [action, checkId = ''] = line.split(' ');
        expect([round, line, open.get(checkId) ?? false]).toEqual([round, line, action === 'resolve']);
        open.set(checkId, action === 'raise');
        count += 1;
        if (count === 20 + round * 7) child.kill('SIGKILL');
      }
      expect(await exited).toEqual([null, 'SIGKILL']);
      await using store = await openSqliteStore({ path, now: () => 0 });
      // What was committed but not printed before the kill is what the store says.
      for (const { checkId, raised, settled } of await store.readCheckStates()) {
        expect(settled).toBe(true);
        open.set(checkId, raised !== undefined);
      }
    }
  }));
