import { expect, it } from 'vitest';
import { memoryLocks } from '../testing/memory-files-keep.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { type LockWait, takeLock } from './lock-wait.ts';

const MINUTE_MS = 60_000;
const lockFile = '/backups/one.lock';

it('takes a lock that is free, and refuses at once where nobody is to be waited for', async () => {
  const { take } = desk();
  await take('first');
  await expect(take('second')).rejects.toMatchObject({ code: 'SYS-0126' });
});

it('waits for the run that holds it, and says so once', async () => {
  const { clock, said, take } = desk({ limitMs: 5 * MINUTE_MS });
  const first = await take('first');
  const second = take('second');
  await clock.advance(4 * MINUTE_MS);
  expect(said).toEqual([`waiting for its end: ${lockFile} is held`]);
  first.release();
  await clock.advance(MINUTE_MS);
  (await second).release();
});

it('gives up when the other run does not end in time', async () => {
  const { clock, take } = desk({ limitMs: MINUTE_MS });
  await take('first');
  const second = expect(take('second')).rejects.toMatchObject({ code: 'SYS-0126' });
  await clock.advance(MINUTE_MS);
  await second;
});

it('ends its wait when it is called off, and takes nothing afterwards', async () => {
  const { clock, take } = desk({ limitMs: MINUTE_MS });
  const first = await take('first');
  const asked = new AbortController();
  const second = expect(take('second', asked.signal)).rejects.toThrow('no longer wanted');
  await clock.advance(1_000);
  asked.abort(new Error('no longer wanted'));
  await second;
  first.release();
  await clock.advance(MINUTE_MS);
  (await take('third')).release();
});

function desk(lockWait?: Pick<LockWait, 'limitMs'>) {
  const clock = new VirtualClock();
  const said: string[] = [];
  const services = {
    clock,
    locks: memoryLocks(),
    lockOwner: { pid: 1, host: 'desk-1', bootId: 'boot-1' },
    ...(lockWait === undefined
      ? {}
      : { lockWait: { ...lockWait, onWait: (message: string) => void said.push(message) } }),
  };
  const take = (runId: string, signal?: AbortSignal) => takeLock(services, { lockFile, runId, signal });
  return { clock, said, take };
}
