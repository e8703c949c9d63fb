import type { AlertNotice, ChannelCapabilities, RenderedNotice } from '../../../ports/alert-channel.ts';
import { noticeBlocks } from './notice-blocks.ts';
import { noticeHtml } from './notice-html.ts';
import { noticePage, pageTitle } from './notice-page.ts';
import { noticeText } from './notice-text.ts';

/** What of a channel the texts depend on. */
export type RenderBounds = Pick<ChannelCapabilities, 'formats' | 'titleMax' | 'bodyMax'>;

/**
 * Writes a notice in every format a channel asked for. Title and text are always there; `titleMax` and `bodyMax`
 * count code points. Pure, and never throws for a notice of the right type.
 */
export function renderNotice(notice: AlertNotice, capabilities: RenderBounds): RenderedNotice {
  const page = noticePage(notice);
  const { formats, titleMax, bodyMax } = capabilities;
  return {
    title: pageTitle(page, titleMax),
    text: noticeText(page, bodyMax),
    ...(formats.includes('html') ? { html: noticeHtml(page) } : {}),
    ...(formats.includes('slack-blocks') ? { blocks: noticeBlocks(page) } : {}),
  };
}
