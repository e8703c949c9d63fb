import { expect, it } from 'vitest';
import { callOf } from '../../test/check-bench.ts';
import { DiskTurns } from './disk-turns.ts';
import { look } from './look.ts';

const patient = new AbortController().signal;
const tick = () => new Promise((resolve) => setImmediate(resolve));

it('lets three look at once, and each target once', async () => {
  const turns = new DiskTurns();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const go = (target: string, name = target) =>
    turns.run(target, patient, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const all = [go('a'), go('a', 'a again'), go('b'), go('c'), go('d')];
  await tick();
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('b')?.();
  await tick();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  ends.get('a')?.();
  await tick();
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'a again']);
  for (const end of ends.values()) end();
  await Promise.all(all);
  expect(turns.busy).toEqual([]);
});

it('gives the turn on when work fails, and forgets who no longer waits', async () => {
  const turns = new DiskTurns();
  const gone = new AbortController();
  let fail = (_: Error) => {};
  const failing = turns.run('a', patient, () => new Promise((_, reject) => (fail = reject)));
  const left = turns.run('a', gone.signal, async () => 'never');
  const next = turns.run('a', patient, async () => 'done');
  gone.abort(new Error('too late'));
  await expect(left).rejects.toThrow('too late');
  fail(new Error('EIO'));
  await expect(failing).rejects.toThrow('EIO');
  expect(await next).toBe('done');
});

it('a disk that hangs holds one turn, says so at every look, and others are looked at', async () => {
  let answer = () => {};
  const rules = { target: '/dead', answerWithinMs: 20, whenLate: 'fail', usesDisk: true } as const;
  const hangs = () =>
    new Promise<{ status: 'pass'; message: string }>((resolve) => {
      answer = () => resolve({ status: 'pass', message: 'back' });
    });
  let looks = 0;
  const lookAtDead = () =>
    look(callOf(), rules, () => {
      looks += 1;
      return hangs();
    });
  expect(await lookAtDead()).toEqual({ status: 'fail', message: '/dead: no answer within 20 ms' });
  for (let index = 0; index < 10; index++) {
    expect(await lookAtDead()).toEqual({
      status: 'fail',
      message: '/dead: an earlier look still waits for the disk',
    });
  }
  expect(looks).toBe(1);
  const well = async () => ({ status: 'pass', message: 'fine' }) as const;
  const patientRules = { ...rules, target: '/well', answerWithinMs: 60_000 };
  expect((await look(callOf(), patientRules, well)).status).toBe('pass');
  answer();
  await tick();
  expect((await look(callOf(), { ...rules, answerWithinMs: 60_000 }, well)).status).toBe('pass');
});

it('when every turn is held, a look says unknown and which disks hold them', async () => {
  const answers: Array<() => void> = [];
  const rules = { answerWithinMs: 20, whenLate: 'fail', usesDisk: true } as const;
  const dead = ['/a', '/b', '/c'].map((target) =>
    look(
      callOf(),
      { ...rules, target },
      () => new Promise((resolve) => answers.push(() => resolve({ status: 'pass', message: '' }))),
    ),
  );
  await Promise.all(dead);
  expect(
    await look(callOf(), { ...rules, target: '/well' }, async () => ({ status: 'pass', message: '' })),
  ).toEqual({
    status: 'unknown',
    message: '/well: not looked at, for looks still wait for the disk: /a, /b, /c',
  });
  for (const answer of answers) answer();
});
