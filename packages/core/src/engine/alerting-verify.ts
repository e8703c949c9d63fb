import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { NetworkIsolation } from '../ports/network-isolation.ts';
import type { Alert, AlertSignal } from '../watch/alerts/alert.ts';
import type { BoundChannel } from '../watch/alerts/channel-lane.ts';
import { channelKey } from '../watch/alerts/delivery-rules.ts';

const EVERY_MS = 24 * 3_600_000;
const AGAIN_MS = 900_000;
const DEADLINE_MS = 15_000;

interface ChannelVerifyOptions {
  readonly channels: readonly BoundChannel[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redact: (text: string) => string;
  readonly networkIsolation: Pick<NetworkIsolation, 'isIsolated'>;
  readonly alerts: {
    open(): readonly Alert[];
    signal(...signals: readonly AlertSignal[]): Promise<void>;
  };
}

/**
 * Asks every channel at the start and once a day whether it could send, so that a wrong key is known before the first
 * alert needs it. One that cannot is told to the others and asked again every 15 minutes.
 */
export class ChannelVerify {
  readonly #options: ChannelVerifyOptions;
  readonly #ends = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: ChannelVerifyOptions) {
    this.#options = options;
  }

  start(): void {
    const asked = this.#options.channels.filter(({ instance }) => instance.verify !== undefined);
    this.#running = Promise.all(asked.map((channel) => this.#watch(channel)));
  }

  async close(): Promise<void> {
    this.#ends.abort(new Error('the engine ends'));
    await this.#running;
  }

  async #watch(channel: BoundChannel): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#ends;
    while (!signal.aborted) {
      let well = true;
      try {
        well = await this.#ask(channel);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        logger.error('what a channel said of itself could not be recorded', {
          channel: channel.id,
          error: text,
        });
      }
      await clock.sleep(well ? EVERY_MS : AGAIN_MS, signal).catch(() => undefined);
    }
  }

  /** False while it cannot send. What it cannot tell is no failure. */
  async #ask(channel: BoundChannel): Promise<boolean> {
    const { alerts, clock, redact, networkIsolation } = this.#options;
    // While our own connection is down the answer would be about that; asked again soon.
    if (networkIsolation.isIsolated() && channel.capabilities.network !== false) return false;
    const answer = await this.#answer(channel);
    if (this.#ends.signal.aborted) return true;
    const dedupKey = channelKey(channel.id);
    const open = alerts.open().find((alert) => alert.dedupKey === dedupKey);
    const atMs = clock.now();
    if (answer.status !== 'fail') {
      // A failure to send is over when something was sent, whatever the channel says of itself.
      const ours = open?.detail?.['by'] === 'verify';
      const message = `alert channel ${channel.id} could send again`;
      if (ours && answer.status === 'pass') await alerts.signal({ kind: 'resolve', dedupKey, message, atMs });
      return true;
    }
    if (open !== undefined) return false;
    const reason = redact(answer.reason ?? 'no reason given').slice(0, 256);
    await alerts.signal({
      kind: 'raise',
      dedupKey,
      alertType: 'CHANNEL_FAILED',
      level: 'ERROR',
      title: `[CHANNEL_FAILED] ${channel.id}`,
      message: `alert channel ${channel.id} could not send: ${reason}`,
      messageKo: `알림 채널 ${channel.id} 점검 실패: ${reason}`,
      labels: { channel: channel.id },
      detail: { by: 'verify' },
      errorCode: 'SYS-0501',
      atMs,
      avoidChannel: channel.id,
    });
    return false;
  }

  /** Its answer, or a failure after 15 s: a channel that never answers cannot be relied on. */
  async #answer({ instance }: BoundChannel): Promise<{ readonly status: string; readonly reason?: string }> {
    const { clock } = this.#options;
    const asked = new AbortController();
    const signal = AbortSignal.any([asked.signal, this.#ends.signal]);
    const { promise, resolve } = Promise.withResolvers<{ status: string; reason?: string }>();
    const cancel = clock.setTimer(() => {
      resolve({ status: 'fail', reason: `no answer within ${DEADLINE_MS / 1000} s` });
      asked.abort(new Error('no answer'));
    }, DEADLINE_MS);
    this.#ends.signal.addEventListener('abort', () => resolve({ status: 'unknown' }), { once: true });
    const ask = async () => (await instance.verify?.(signal)) ?? { status: 'unknown' };
    ask().then(resolve, (error: unknown) => {
      resolve({ status: 'fail', reason: error instanceof Error ? error.message : String(error) });
    });
    const answer = await promise;
    cancel();
    return answer;
  }
}
