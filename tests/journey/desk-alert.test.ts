import { expect, it } from 'vitest';
import { toldOf } from './alert-receivers.ts';
import { PAPER_DESK, WatchedDesk } from './watched-desk.ts';

const BROKER = 'broker_heartbeat';

it('the paper desk tells of a dead broker once by mail and once on Slack, whatever else fails because of it', async () => {
  await using desk = await WatchedDesk.open(PAPER_DESK);
  const engine = await desk.startEngine();
  expect(await desk.ask('alerts', 'test', '--channel', 'mail')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('delivered: mail took the test notice'),
  });
  await desk.untilWell(BROKER);

  await desk.stopBroker();
  await desk.look(BROKER);
  await desk.untilTold('first', BROKER);
  await desk.untilMarked(BROKER);
  // The target that asks the broker is suspended by now, or soon: explained by the check, it stays untold.
  const taken = await desk.ask('alerts', 'ack', `check:${BROKER}`, '--reason', 'the vendor is informed');
  expect(taken).toMatchObject({ code: 0, stderr: '' });
  engine.child.kill('SIGKILL');
  await engine.ended;

  await desk.startBroker();
  await using second = await desk.startEngine();
  // Two looks that are well end the alert.
  for (let looks = 0; looks < 2; looks += 1) await desk.look(BROKER);
  await desk.untilTold('resolved', BROKER);
  for (const receiver of [desk.mail, desk.slack]) {
    expect(toldOf(receiver, BROKER)).toEqual(['first', 'resolved']);
  }
  second.child.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ code: 0 });
});
