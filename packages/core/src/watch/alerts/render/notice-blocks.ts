import { escapeSlack, fitSlack } from '../../../kernel/plain-text.ts';
import { type NoticePage, pageTitle } from './notice-page.ts';

/** Limits of Slack, counted after escaping. */
export const SLACK_LIMITS = {
  header: 150,
  section: 3_000,
  field: 2_000,
  fieldsPerSection: 10,
  blocks: 50,
} as const;

const LEVEL_MARKS: Readonly<Record<NoticePage['level'], string>> = {
  INFO: '🔵',
  WARN: '🟡',
  ERROR: '🟠',
  CRITICAL: '🔴',
};
const RESOLVED_MARK = '🟢';

/** One block of Slack's Block Kit. */
export type SlackBlock = Readonly<Record<string, unknown>>;

/** A page as Slack blocks: header, heading, summary, fields two in a row, steps, links, ids. */
export function noticeBlocks(page: NoticePage): readonly SlackBlock[] {
  const mark = page.state === 'resolved' ? RESOLVED_MARK : LEVEL_MARKS[page.level];
  const heading = page.repeat === '' ? page.heading : `${page.heading} ${page.repeat}`;
  const blocks = [
    header(`${mark} ${pageTitle(page, SLACK_LIMITS.header)}`, page.repeat),
    section(`*${escapeSlack(heading)}*`),
    section(fitSlack(page.summary, SLACK_LIMITS.section)),
    ...fieldSections(page),
    ...listSection(
      page.stepsTitle,
      page.steps.map((step, index) => `${index + 1}. ${escapeSlack(step)}`),
    ),
    ...listSection(page.linksTitle, page.links.map(slackLink)),
    { type: 'context', elements: [markdown(fitSlack(page.footer, SLACK_LIMITS.section))] },
  ];
  return blocks.slice(0, SLACK_LIMITS.blocks);
}

/** The end is kept apart while cutting, because «(possible repeat)» must stay readable. */
function header(title: string, repeat: string): SlackBlock {
  const end = repeat === '' ? '' : ` ${repeat}`;
  const start = title.slice(0, title.length - end.length);
  const text = fitSlack(start, SLACK_LIMITS.header - end.length) + end;
  return { type: 'header', text: { type: 'plain_text', text, emoji: true } };
}

function fieldSections(page: NoticePage): readonly SlackBlock[] {
  const fields = page.rows.map(({ label, value }) => {
    const name = `*${escapeSlack(label)}*\n`;
    return markdown(name + fitSlack(value, SLACK_LIMITS.field - name.length));
  });
  const sections: SlackBlock[] = [];
  for (let start = 0; start < fields.length; start += SLACK_LIMITS.fieldsPerSection) {
    sections.push({ type: 'section', fields: fields.slice(start, start + SLACK_LIMITS.fieldsPerSection) });
  }
  return sections;
}

/** Whole lines only: a line that does not fit any more is left out, so that no link is torn. */
function listSection(title: string, lines: readonly string[]): readonly SlackBlock[] {
  let text = `*${escapeSlack(title)}*`;
  for (const line of lines) {
    if (text.length + 1 + line.length > SLACK_LIMITS.section) break;
    text += `\n${line}`;
  }
  return lines.length === 0 ? [] : [section(text)];
}

function slackLink({ label, url }: { readonly label: string; readonly url: string }): string {
  return `<${escapeSlack(url).replaceAll('|', '%7C')}|${escapeSlack(label)}>`;
}

function section(text: string): SlackBlock {
  return { type: 'section', text: markdown(text) };
}

/** `verbatim` keeps Slack from making links and mentions of plain words. */
function markdown(text: string): SlackBlock {
  return { type: 'mrkdwn', text, verbatim: true };
}
