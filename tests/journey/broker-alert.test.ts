import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertDetail, AlertView, Page } from '@qts-ops/core/client';
import { expect, it } from 'vitest';
import { type Broker, startBroker } from '../../examples/unattended-desk/desk/broker.ts';
import { type NoticeReceiver, receiveMail, receiveSlack, type ToldAs, toldOf } from './alert-receivers.ts';
import { qtsOps, type RunningProgram, repository, startQtsOps, until } from './journey-programs.ts';
import { untilAnswers } from './running-engine.ts';
import { temporaryPlace } from './temporary-place.ts';

const CONFIG = join(repository, 'tests/journey/broker-alert.config.ts');
const BROKER = 'broker_heartbeat';
const CONTROL = 'control';

it.concurrent('a broker that stops is told once, its reminder ends when somebody takes it, and its return is told once', async () => {
  await using desk = await openDesk();
  await using first = await desk.startEngine();
  const tested = await desk.ask('alerts', 'test', '--channel', 'mail');
  expect(tested).toMatchObject({ code: 0, stderr: '' });
  expect(tested.stdout).toMatch(/^delivered: mail took the test notice \(1 attempt, \d+ ms\)\n$/);
  expect(desk.mail.told.map(({ as }) => as)).toEqual(['test']);
  await desk.untilWell();

  await desk.stopBroker();
  await desk.untilTold('first', BROKER);
  await desk.untilMarked(BROKER);
  await kill(first);
  await using second = await desk.startEngine();
  const taken = await desk.ask('alerts', 'ack', `check:${BROKER}`, '--reason', 'the vendor is informed');
  expect(taken).toMatchObject({ code: 0, stderr: '' });

  // Raised later and taken by nobody: when it is told again, so would the broker's have been.
  rmSync(desk.controlFile);
  await desk.untilTold('reminder', CONTROL);
  await kill(second);
  await desk.startBroker();
  await using third = await desk.startEngine();
  await desk.untilTold('resolved', BROKER);
  writeFileSync(desk.controlFile, '');
  await desk.untilTold('resolved', CONTROL);

  for (const receiver of [desk.mail, desk.slack]) {
    expect(toldOf(receiver, BROKER)).toEqual(['first', 'resolved']);
    const [told] = receiver.told.filter(({ text }) => text.includes(BROKER));
    expect(told?.text).toContain('[CRITICAL][FIRING]');
  }
  expect(await desk.alerts('--all', '--key', `check:${BROKER}`)).toMatchObject([
    { level: 'CRITICAL', state: 'resolved', acknowledgedReason: 'the vendor is informed' },
  ]);
  await end(third);
}, 120_000);

it.concurrent('an engine killed while the mail server has the mail but did not say so sends it once more and says so', async () => {
  await using desk = await openDesk();
  await using first = await desk.startEngine();
  await desk.untilWell();
  desk.mail.holdsAnswers = true;
  await desk.stopBroker();
  await until('the mail is taken', () => toldOf(desk.mail, BROKER).length > 0);
  await kill(first);

  desk.mail.holdsAnswers = false;
  await using second = await desk.startEngine();
  await until('the mail comes again', () => toldOf(desk.mail, BROKER).length > 1);
  await desk.untilTold('first', BROKER);
  await desk.startBroker();
  await desk.untilTold('resolved', BROKER);

  const mails = desk.mail.told.filter(({ text }) => text.includes(BROKER));
  expect(mails.map(({ as }) => as)).toEqual(['first', 'first', 'resolved']);
  expect(mails.map(({ text }) => text.includes('(possible repeat)'))).toEqual([false, true, false]);
  expect(mails[1]?.messageId).toBe(mails[0]?.messageId);
  // At most one message is under way to each channel at the moment of a death.
  expect(toldOf(desk.slack, BROKER).filter((as) => as === 'first').length).toBeLessThanOrEqual(2);
  expect(toldOf(desk.slack, BROKER).filter((as) => as === 'resolved')).toEqual(['resolved']);
  await end(second);
}, 120_000);

interface Desk extends AsyncDisposable {
  readonly mail: NoticeReceiver;
  readonly slack: NoticeReceiver;
  readonly controlFile: string;
  startBroker(): Promise<void>;
  stopBroker(): Promise<void>;
  startEngine(): Promise<RunningProgram>;
  /** Runs `qts-ops` for the desk's engine. */
  ask(...command: readonly string[]): ReturnType<typeof qtsOps>;
  alerts(...options: readonly string[]): Promise<readonly AlertView[]>;
  /** Both checks have looked and pass. */
  untilWell(): Promise<void>;
  /** Mail and Slack have been told so of a subject. */
  untilTold(as: ToldAs, subject: string): Promise<void>;
  /** Everything told of a check is on record as sent. */
  untilMarked(check: string): Promise<void>;
}

async function openDesk(): Promise<Desk> {
  const place = temporaryPlace();
  const [mail, slack] = await Promise.all([receiveMail(), receiveSlack()]);
  const brokerSocket = join(place.path, 'broker.sock');
  const controlFile = join(place.path, 'control');
  const stateFolder = join(place.path, 'state');
  writeFileSync(controlFile, '');
  const env = {
    BROKER_SOCKET: brokerSocket,
    CONTROL_FILE: controlFile,
    SMTP_PORT: String(mail.port),
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${slack.port}/services/T0/B0/planted`,
  };
  const here = { cwd: place.path, env };
  let broker: Broker | undefined = await startBroker({ socketPath: brokerSocket });
  const ask: Desk['ask'] = (...command) => qtsOps([...command, '--state', stateFolder], here);
  const read = async (...command: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await ask(...command, '--json');
    if (stdout === '') throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const alerts: Desk['alerts'] = async (...options) => {
    const page = (await read('alerts', 'list', ...options)) as Page<AlertView>; // what the command prints
    return page.items;
  };
  return {
    mail,
    slack,
    controlFile,
    ask,
    alerts,
    startBroker: async () => {
      broker = await startBroker({ socketPath: brokerSocket });
    },
    stopBroker: async () => {
      await broker?.[Symbol.asyncDispose]();
      broker = undefined;
    },
    startEngine: async () => {
      const engine = startQtsOps(['run', '--config', CONFIG, '--state', stateFolder], here);
      await untilAnswers(stateFolder, engine);
      return engine;
    },
    untilWell: async () => {
      await until('both checks pass', async () => {
        const { code } = await ask('health', 'run', BROKER, CONTROL);
        return code === 0;
      });
    },
    untilTold: async (as, subject) => {
      for (const [name, receiver] of Object.entries({ mail, slack })) {
        await until(`${name} is told ${as} of ${subject}`, () => toldOf(receiver, subject).includes(as));
      }
    },
    untilMarked: async (check) => {
      await until(`what was told of ${check} is marked`, async () => {
        const alert = (await read('alerts', 'show', `check:${check}`)) as AlertDetail; // what the command prints
        return alert.deliveries.length > 0 && alert.deliveries.every(({ status }) => status === 'sent');
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of [mail, slack, broker]) await server?.[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}

async function kill(engine: RunningProgram): Promise<void> {
  engine.child.kill('SIGKILL');
  expect(await engine.ended).toMatchObject({ signal: 'SIGKILL' });
}

async function end(engine: RunningProgram): Promise<void> {
  engine.child.kill('SIGTERM');
  expect(await engine.ended).toMatchObject({ code: 0 });
}
