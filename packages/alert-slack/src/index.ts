export { type SlackOptions, slack } from './slack.ts';
