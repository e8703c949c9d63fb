import { expect, it } from 'vitest';
import { EventBus } from './event-bus.ts';
import { SerialQueue } from './serial-queue.ts';

interface Events {
  'run.ended': { readonly id: string };
}

it('a listener that throws is reported and neither stops the speaker nor the other listeners', () => {
  const reported: string[] = [];
  const heard: string[] = [];
  const bus = new EventBus<Events>((error, name) => reported.push(`${name}: ${String(error)}`));
  bus.subscribe(() => {
    throw new Error('broken screen');
  });
  const end = bus.subscribe(({ name, payload }) => heard.push(`${name} ${payload.id}`));
  bus.emit('run.ended', { id: 'a' });
  end();
  bus.emit('run.ended', { id: 'b' });
  expect(heard).toEqual(['run.ended a']);
  expect(reported).toEqual(['run.ended: Error: broken screen', 'run.ended: Error: broken screen']);
});

it('queued tasks run one after another in order, also after one that failed', async () => {
  const queue = new SerialQueue();
  const steps: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run(async () => {
    steps.push('first begins');
    await gate.promise;
    steps.push('first ends');
    throw new Error('first failed');
  });
  const second = queue.run(async () => {
    steps.push('second');
    return 2;
  });
  const third = queue.run(() => {
    throw new Error('at once');
  });
  const failures = Promise.allSettled([first, third]);
  await Promise.resolve();
  expect(steps).toEqual(['first begins']);
  gate.resolve();
  expect(await second).toBe(2);
  expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(steps).toEqual(['first begins', 'first ends', 'second']);
});
