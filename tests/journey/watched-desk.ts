import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertView, HealthView, Page } from '@qts-ops/core/client';
import { type Broker, startBroker } from '../../examples/unattended-desk/desk/broker.ts';
import { type NoticeReceiver, receiveMail, receiveSlack, type ToldAs, toldOf } from './alert-receivers.ts';
import {
  type ProgramEnd,
  qtsOps,
  type RunningProgram,
  repository,
  startQtsOps,
  until,
} from './journey-programs.ts';
import { clientOf, untilAnswers } from './running-engine.ts';
import { type TemporaryPlace, temporaryPlace } from './temporary-place.ts';

const CONFIG = join(repository, 'tests/journey/broker-alert.config.ts');

/** The demo's desk: everything it runs, and its own check of the broker. */
export const PAPER_DESK = join(repository, 'examples/unattended-desk/qts-ops.config.ts');

/** A desk with a broker, a mail server, a Slack and, when it is started, an engine that watches. */
export class WatchedDesk implements AsyncDisposable {
  readonly mail: NoticeReceiver;
  readonly slack: NoticeReceiver;
  /** The check `control` passes while it is there. */
  readonly controlFile: string;
  readonly #place: TemporaryPlace;
  readonly #config: string;
  #broker: Broker | undefined;

  private constructor(
    { place, config }: { readonly place: TemporaryPlace; readonly config: string },
    [mail, slack]: readonly [NoticeReceiver, NoticeReceiver],
  ) {
    this.#place = place;
    this.#config = config;
    this.mail = mail;
    this.slack = slack;
    this.controlFile = join(place.path, 'control');
  }

  /** Opens the desk with everything well and no engine. */
  static async open(config = CONFIG): Promise<WatchedDesk> {
    const receivers = await Promise.all([receiveMail(), receiveSlack()]);
    const desk = new WatchedDesk({ place: temporaryPlace(), config }, receivers);
    writeFileSync(desk.controlFile, '');
    await desk.startBroker();
    return desk;
  }

  async startBroker(): Promise<void> {
    this.#broker = await startBroker({ socketPath: this.#brokerSocket });
  }

  async stopBroker(): Promise<void> {
    await this.#broker?.[Symbol.asyncDispose]();
    this.#broker = undefined;
  }

  async startEngine(): Promise<RunningProgram> {
    const engine = startQtsOps(['run', '--config', this.#config, '--state', this.#stateFolder], this.#here);
    await untilAnswers(this.#stateFolder, engine);
    return engine;
  }

  /** Runs `qts-ops` for the desk's engine. */
  ask(...command: readonly string[]): Promise<ProgramEnd> {
    return qtsOps([...command, '--state', this.#stateFolder], this.#here);
  }

  /** Every alert on record of a check, over or not, as `qts-ops` lists them. */
  async alertsOf(check: string): Promise<readonly AlertView[]> {
    const command = ['alerts', 'list', '--all', '--key', `check:${check}`, '--json'];
    const { code, stdout, stderr } = await this.ask(...command);
    if (stdout === '') throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`);
    const page: Page<AlertView> = JSON.parse(stdout);
    return page.items;
  }

  /** Everything has been looked at and is well. */
  async untilWell(...checks: readonly string[]): Promise<void> {
    await until(`${checks.join(' and ')} pass`, async () => {
      const { checks: seen } = await this.look(...checks);
      return checks.every((check) => seen.find(({ id }) => id === check)?.status === 'pass');
    });
  }

  /** Has the engine look now, so that nobody waits for the next look; what it finds is told as ever. */
  async look(...checks: readonly string[]): Promise<HealthView> {
    await using client = clientOf(this.#stateFolder);
    return await client.runChecks(checks);
  }

  /** Mail and Slack have been told so of a subject. */
  async untilTold(as: ToldAs, subject: string): Promise<void> {
    for (const [name, receiver] of Object.entries({ mail: this.mail, slack: this.slack })) {
      await until(`${name} is told ${as} of ${subject}`, () => toldOf(receiver, subject).includes(as));
    }
  }

  /** Everything told of a check is on record as sent. */
  async untilMarked(check: string): Promise<void> {
    await using client = clientOf(this.#stateFolder);
    await until(`what was told of ${check} is marked`, async () => {
      const [found] = (await client.alerts({ dedupKey: `check:${check}`, open: true })).items;
      if (found === undefined) return false;
      const alert = await client.alert(found.id);
      return alert.deliveries.length > 0 && alert.deliveries.every(({ status }) => status === 'sent');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopBroker();
    await this.mail[Symbol.asyncDispose]();
    await this.slack[Symbol.asyncDispose]();
    this.#place[Symbol.dispose]();
  }

  get #brokerSocket(): string {
    return join(this.#place.path, 'broker.sock');
  }

  get #stateFolder(): string {
    return join(this.#place.path, 'state');
  }

  get #here() {
    const slackUrl = `http://127.0.0.1:${this.slack.port}/services/T0/B0/planted`;
    const env = {
      BROKER_SOCKET: this.#brokerSocket,
      CONTROL_FILE: this.controlFile,
      SMTP_PORT: String(this.mail.port),
      SLACK_WEBHOOK_URL: slackUrl,
      DESK_HOME: this.#place.path,
      DESK_SMTP_PORT: String(this.mail.port),
      DESK_SLACK_URL: slackUrl,
    };
    return { cwd: this.#place.path, env };
  }
}
