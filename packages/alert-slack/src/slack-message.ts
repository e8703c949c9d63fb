import { fitSlack, type RenderedNotice } from '@qts-ops/core/plugin';

/** Longest text of a message; Slack cuts longer ones without a word. */
const TEXT_MAX_UNITS = 3_000;

/** What is posted: `text` is what a phone's notification shows, `blocks` what the conversation shows. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks?: RenderedNotice['blocks'];
  /** Links in an alert are for people; Slack need not fetch them. */
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** Writes a notice as a message; nothing in it is read as markup that notifies people. */
export function toSlackMessage({ title, text, blocks }: RenderedNotice): SlackMessage {
  const message = textMessage(`${title}\n${text}`);
  return blocks === undefined ? message : { ...message, blocks };
}

/** The same message without blocks. */
export function textOnly({ text }: SlackMessage): SlackMessage {
  return { text, unfurl_links: false, unfurl_media: false };
}

function textMessage(text: string): SlackMessage {
  return { text: fitSlack(text.trim(), TEXT_MAX_UNITS), unfurl_links: false, unfurl_media: false };
}
