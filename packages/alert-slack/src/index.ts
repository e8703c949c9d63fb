export { slackChannel } from './slack-channel.ts';
export { slackErrors } from './slack-errors.ts';
export { type AlertLevel, type SlackMessage, toSlackMessage } from './slack-message.ts';
export { type SlackOptions, SlackOptionsSchema } from './slack-options.ts';
