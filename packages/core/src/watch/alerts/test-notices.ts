import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Alert } from './alert.ts';
import type { AlertChange } from './alert-changes.ts';
import type { AlertDraft } from './alert-draft.ts';
import { type AlertRules, announce } from './announce-rules.ts';
import { openAlert } from './episode-rules.ts';
import type { OutboxRow } from './outbox.ts';

/** Whoever asked for a test hears after this time that it is still on its way, ms. */
export const TEST_WAIT_MS = 30_000;

/** What became of a test notice. */
export interface TestOutcome {
  readonly alertId: string;
  readonly rowId: string;
  /** `retry`: the first attempt failed, further ones follow; `pending`: nothing was heard in time. */
  readonly status: OutboxRow['status'];
  readonly attempts: number;
  readonly error?: string;
}

interface SentTest {
  readonly alertId: string;
  readonly rowId: string;
}

/** A test as it was asked for. */
export interface TestAsked {
  /** Id of the alert that is made for it. */
  readonly id: string;
  readonly channelId: string;
  readonly level: AlertLevel;
  readonly by: string;
}

/** Makes a test notice: an event that is over at once, to one channel. */
export function sendTest(draft: AlertDraft, asked: TestAsked, rules: AlertRules): SentTest {
  const { id, channelId } = asked;
  const put = draft.putAlert(testAlert(asked, draft.nowMs), 'opened');
  const told = announce(draft, put, {
    reason: 'test',
    channels: [channelId],
    rules,
  });
  return { alertId: id, rowId: told.notified[channelId] ?? '' };
}

/** The alert of a test. Nobody has to take it: it counts as taken by who asked for it. */
export function testAlert({ id, channelId, level, by }: TestAsked, nowMs: number): Alert {
  const alert = openAlert(
    {
      kind: 'raise',
      dedupKey: `test:${id}`,
      alertType: 'TEST',
      level,
      title: `[TEST] ${channelId}`,
      message: `test of alert channel ${channelId} by ${by}; nothing has happened`,
      messageKo: `${by}의 알림 채널 ${channelId} 시험입니다. 실제 상황이 아닙니다.`,
      labels: { channel: channelId, operator: by },
      event: true,
      atMs: nowMs,
    },
    id,
  );
  const taken = { operatorId: by, reason: 'a test', atMs: nowMs, expiresAtMs: nowMs, sticky: false };
  return { ...alert, acknowledgement: taken };
}

/** Tells whoever waits for a test what became of it. */
export class TestWaiters {
  readonly #waiting = new Map<string, (row: OutboxRow) => void>();

  /** Resolves with the first thing that is known: it arrived, failed once, or nothing was heard in time. */
  async outcome({ alertId, rowId }: SentTest, clock: Clock): Promise<TestOutcome> {
    const { promise, resolve } = Promise.withResolvers<OutboxRow | undefined>();
    this.#waiting.set(rowId, resolve);
    const cancel = clock.setTimer(() => resolve(undefined), TEST_WAIT_MS);
    const row = await promise;
    cancel();
    this.#waiting.delete(rowId);
    const { status = 'pending', attempts = 0, lastError } = row ?? {};
    return { alertId, rowId, status, attempts, ...(lastError === undefined ? {} : { error: lastError }) };
  }

  committed(changes: readonly AlertChange[]): void {
    for (const change of changes) {
      if (change.kind !== 'outbox.update' || change.row.status === 'sending') continue;
      this.#waiting.get(change.row.id)?.(change.row);
    }
  }
}
