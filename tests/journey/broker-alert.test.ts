import { rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type NoticeReceiver, toldOf } from './alert-receivers.ts';
import { type RunningProgram, until } from './journey-programs.ts';
import { WatchedDesk } from './watched-desk.ts';

const BROKER = 'broker_heartbeat';
const CONTROL = 'control';

it.concurrent('a broker that stops is told once, its reminder ends when somebody takes it, and its return is told once', async () => {
  await using desk = await WatchedDesk.open();
  await using first = await desk.startEngine();
  const tested = await desk.ask('alerts', 'test', '--channel', 'mail');
  expect(tested).toMatchObject({ code: 0, stderr: '' });
  expect(tested.stdout).toMatch(/^delivered: mail took the test notice \(1 attempt, \d+ ms\)\n$/);
  expect(desk.mail.told.map(({ as }) => as)).toEqual(['test']);
  await desk.untilWell(BROKER, CONTROL);

  await desk.stopBroker();
  await desk.look(BROKER);
  await desk.untilTold('first', BROKER);
  await desk.untilMarked(BROKER);
  await kill(first);
  await using second = await desk.startEngine();
  const taken = await desk.ask('alerts', 'ack', `check:${BROKER}`, '--reason', 'the vendor is informed');
  expect(taken).toMatchObject({ code: 0, stderr: '' });
  // On a busy machine a reminder may be due before the command has taken the alert.
  await desk.untilMarked(BROKER);
  const remindedOf = (receiver: NoticeReceiver) => toldOf(receiver, BROKER).filter((as) => as === 'reminder');
  const before = [desk.mail, desk.slack].map(remindedOf);

  // Raised later and taken by nobody: when it is told again, so would the broker's have been.
  rmSync(desk.controlFile);
  await desk.look(CONTROL);
  await desk.untilTold('reminder', CONTROL);
  await kill(second);
  await desk.startBroker();
  await using third = await desk.startEngine();
  await desk.look(BROKER);
  await desk.untilTold('resolved', BROKER);
  writeFileSync(desk.controlFile, '');
  await desk.look(CONTROL);
  await desk.untilTold('resolved', CONTROL);

  expect([desk.mail, desk.slack].map(remindedOf)).toEqual(before);
  for (const receiver of [desk.mail, desk.slack]) {
    expect(toldOf(receiver, BROKER).filter((as) => as !== 'reminder')).toEqual(['first', 'resolved']);
    const [told] = receiver.told.filter(({ text }) => text.includes(BROKER));
    expect(told?.text).toContain('[CRITICAL][FIRING]');
  }
  expect(await desk.alertsOf(BROKER)).toMatchObject([
    { level: 'CRITICAL', state: 'resolved', acknowledgedReason: 'the vendor is informed' },
  ]);
  await end(third);
});

it.concurrent('an engine killed while the mail server has the mail but did not say so sends it once more and says so', async () => {
  await using desk = await WatchedDesk.open();
  await using first = await desk.startEngine();
  await desk.untilWell(BROKER, CONTROL);
  desk.mail.holdsAnswers = true;
  await desk.stopBroker();
  await desk.look(BROKER);
  await until('the mail is taken', () => toldOf(desk.mail, BROKER).length > 0);
  await kill(first);

  desk.mail.holdsAnswers = false;
  await using second = await desk.startEngine();
  await until('the mail comes again', () => toldOf(desk.mail, BROKER).length > 1);
  await desk.untilTold('first', BROKER);
  await desk.startBroker();
  await desk.look(BROKER);
  await desk.untilTold('resolved', BROKER);

  const mails = desk.mail.told.filter(({ as, text }) => text.includes(BROKER) && as !== 'reminder');
  expect(mails.map(({ as }) => as)).toEqual(['first', 'first', 'resolved']);
  expect(mails.map(({ text }) => text.includes('(possible repeat)'))).toEqual([false, true, false]);
  expect(mails[1]?.messageId).toBe(mails[0]?.messageId);
  // At most one message is under way to each channel at the moment of a death.
  expect(toldOf(desk.slack, BROKER).filter((as) => as === 'first').length).toBeLessThanOrEqual(2);
  expect(toldOf(desk.slack, BROKER).filter((as) => as === 'resolved')).toEqual(['resolved']);
  await end(second);
});

async function kill(engine: RunningProgram): Promise<void> {
  engine.child.kill('SIGKILL');
  expect(await engine.ended).toMatchObject({ signal: 'SIGKILL' });
}

async function end(engine: RunningProgram): Promise<void> {
  engine.child.kill('SIGTERM');
  expect(await engine.ended).toMatchObject({ code: 0 });
}
