export { webhook } from './webhook.ts';
export type { WebhookOptions } from './webhook-options.ts';
