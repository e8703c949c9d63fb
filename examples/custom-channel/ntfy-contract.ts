import { type AlertChannelContract, HTTP_BEHAVIOURS, startHttpReceiver } from '@qts-ops/core/contract';
import { ntfy } from './ntfy.ts';

const TOPIC = 'plantedTopic1';

/** How the contract suite reaches an ntfy server: a real one on this machine that answers as ntfy documents. */
export const ntfyContract: AlertChannelContract<{ server: string; topic: string }> = {
  kind: ntfy,
  behaviours: HTTP_BEHAVIOURS,
  start: (behaviour) =>
    startHttpReceiver(behaviour, {
      options: (origin) => ({ server: origin, topic: TOPIC }),
      secrets: [TOPIC],
      accept: [200, '{"event":"message"}'],
      read: ({ body }) => {
        const { topic, title, message, priority } = JSON.parse(body);
        if (topic !== TOPIC || !(priority >= 1 && priority <= 5)) throw new Error('40009 invalid request');
        if (Buffer.byteLength(message) > 4_096) throw new Error('41301 message too large');
        return { text: `${title}\n${message}` };
      },
    }),
  wrongOptions: [
    { options: {}, fields: ['topic'] },
    { options: { server: 'not an address', topic: 5 }, fields: ['server', 'topic'] },
  ],
};
