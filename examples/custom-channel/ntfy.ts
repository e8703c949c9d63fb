import {
  defineAlertChannel,
  readAnswer,
  resultOfAnswer,
  resultOfNetworkError,
  secretOption,
} from '@qts-ops/core/plugin';
import * as z from 'zod';

const PRIORITIES = { INFO: 2, WARN: 3, ERROR: 4, CRITICAL: 5 };

/** Sends alerts to phones through an ntfy server: `ntfy({ topic: { env: 'NTFY_TOPIC' } })`. */
export const ntfy = defineAlertChannel({
  name: 'ntfy',
  apiVersion: 1,
  options: z.strictObject({ server: z.url().default('https://ntfy.sh'), topic: secretOption }),
  capabilities: { formats: ['text'], bodyMax: 1_000 },
  create: ({ server, topic }, context) => ({
    async send(notice, { title, text }, { signal, deadlineMs, nowMs }) {
      if (signal.aborted) return { status: 'retry', reason: 'stopped before sending' };
      const message = { topic: context.secret(topic).reveal(), title, message: text };
      try {
        const response = await fetch(server, {
          method: 'POST',
          body: JSON.stringify({ ...message, priority: PRIORITIES[notice.level] }),
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, deadlineMs - nowMs))]),
        });
        const answer = await readAnswer(response);
        return resultOfAnswer({ ...answer, body: context.redact(answer.body) }, nowMs);
      } catch (error) {
        return resultOfNetworkError(error);
      }
    },
  }),
});
