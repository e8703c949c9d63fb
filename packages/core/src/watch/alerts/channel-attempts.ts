import type {
  AlertChannelInstance,
  AlertNotice,
  ChannelCapabilities,
  RenderedNotice,
  SendResult,
  SettledRecipients,
} from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finished } from './delivery-rules.ts';
import type { OutboxRow } from './outbox.ts';
import { checkedResult, type Measured, SEND_DEADLINE_MS } from './outbox-rules.ts';

/** A recipient is at most so long; anything longer is no address. */
const RECIPIENT_MAX = 320;

/** A channel the engine can send by. */
export interface BoundChannel {
  readonly id: string;
  /** Name of its definition: `email`, `slack`, … */
  readonly kind: string;
  readonly capabilities: ChannelCapabilities;
  readonly instance: AlertChannelInstance;
  /** So many notices at once; more than 1 only where a repeated line does no harm. Default 1. */
  readonly atOnce?: number | undefined;
}

/** What an attempt needs of the rest. */
export interface AttemptWorld {
  readonly clock: Clock;
  readonly render: (notice: AlertNotice, capabilities: ChannelCapabilities) => RenderedNotice;
  readonly redact: (text: string) => string;
}

/** Makes single attempts by one channel, each within its deadline. */
export class ChannelAttempts {
  readonly channel: BoundChannel;
  readonly #world: AttemptWorld;
  readonly #ends: AbortSignal;

  constructor(channel: BoundChannel, world: AttemptWorld, ends: AbortSignal) {
    this.channel = channel;
    this.#world = world;
    this.#ends = ends;
  }

  /** One attempt to send a row; never throws, and ends in time even when the channel does not. */
  async make(row: OutboxRow): Promise<Pick<Finished, 'row' | 'result' | 'measured'>> {
    const { clock } = this.#world;
    const [startedAtMs, startedMono] = [clock.now(), clock.mono()];
    const { result, timedOut } = await this.#call(row);
    const measured: Measured = {
      startedAtMs,
      endedAtMs: clock.now(),
      durationMs: clock.mono() - startedMono,
      timedOut,
    };
    return { row, result: this.#clean(result), measured };
  }

  /** The channel's answer, or none: its deadline holds even when it ignores its signal. */
  async #call(row: OutboxRow): Promise<{ readonly result: SendResult; readonly timedOut: boolean }> {
    const { clock } = this.#world;
    const asked = new AbortController();
    const signal = AbortSignal.any([asked.signal, this.#ends]);
    const { promise, resolve } = Promise.withResolvers<{ result: SendResult; timedOut: boolean }>();
    const late = (reason: string) => () => {
      resolve({ result: { status: 'retry', reason }, timedOut: true });
      asked.abort(new Error(reason));
    };
    const cancel = clock.setTimer(late(`no answer within ${SEND_DEADLINE_MS / 1000} s`), SEND_DEADLINE_MS);
    const ended = late('the engine ended while it was being sent');
    this.#ends.addEventListener('abort', ended, { once: true });
    const failed = (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      resolve({ result: { status: 'retry', reason: `unclassified: ${reason}` }, timedOut: false });
    };
    const answered = (answer: unknown) => resolve({ result: checkedResult(answer), timedOut: false });
    this.#handOver(row, signal).then(answered, failed);
    try {
      return await promise;
    } finally {
      cancel();
      this.#ends.removeEventListener('abort', ended);
    }
  }

  /** Async, so that a channel that throws before it returns a promise fails like every other one. */
  async #handOver(row: OutboxRow, signal: AbortSignal): Promise<SendResult> {
    const { clock, render } = this.#world;
    const { capabilities, instance } = this.channel;
    if (row.notice === undefined) throw new Error('the notice was not worded');
    const notice = { ...row.notice, maybeRepeat: row.maybeRepeat };
    const { title, text, ...rich } = render(notice, capabilities);
    const nowMs = clock.now();
    const known = row.settled === undefined ? {} : { settled: row.settled };
    const call = { signal, attempt: row.attempts, deadlineMs: nowMs + SEND_DEADLINE_MS, nowMs, ...known };
    return instance.send(notice, row.plain ? { title, text } : { title, text, ...rich }, call);
  }

  /** What the other side said must not carry a secret into our records. */
  #clean(result: SendResult): SendResult {
    const { redact } = this.#world;
    if (result.status === 'rejected') return { ...result, reason: redact(String(result.reason)) };
    if (result.status === 'retry') {
      const { settled, ...rest } = result;
      const known = settled === undefined ? {} : { settled: checkedSettled(settled) };
      return { ...rest, ...known, reason: redact(String(result.reason)) };
    }
    const { ref, rejectedRecipients } = result;
    return {
      status: 'sent',
      ...(ref === undefined ? {} : { ref: redact(ref) }),
      ...(rejectedRecipients === undefined
        ? {}
        : { rejectedRecipients: rejectedRecipients.map((to) => redact(String(to))) }),
    };
  }
}

/** What a channel says of its recipients, as far as it is a list of texts. */
function checkedSettled({ accepted, refused }: SettledRecipients): SettledRecipients {
  const texts = (list: unknown) =>
    Array.isArray(list)
      ? list.filter((one): one is string => typeof one === 'string' && one.length <= RECIPIENT_MAX)
      : [];
  return { accepted: texts(accepted), refused: texts(refused) };
}
