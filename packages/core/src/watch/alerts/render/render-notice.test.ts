import { HtmlValidate } from 'html-validate';
import { describe, expect, it } from 'vitest';
import type { AlertNotice } from '../../../ports/alert-channel.ts';
import { sampleNotice } from '../../../testing/sample-notice.ts';
import { SLACK_LIMITS } from './notice-blocks.ts';
import { LABEL_WORDS, LEVEL_WORDS, NOTICE_WORDS, REASON_WORDS, STATE_WORDS } from './notice-words.ts';
import { renderNotice } from './render-notice.ts';

const ALL = { formats: ['text', 'html', 'slack-blocks'], titleMax: 150, bodyMax: 20_000 } as const;
const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: { 'no-inline-style': 'off' },
});

const HOSTILE = '<!channel> <script>alert("1")</script> & \u001b[31m\u202e한국어 👩‍🔧';

describe('a rendered notice', () => {
  it('says level and state in brackets before the title', () => {
    expect(renderNotice(sampleNotice(), ALL).title).toBe('[CRITICAL][FIRING] broker_heartbeat: no answer');
    const resolved = sampleNotice({ state: 'resolved', reason: 'resolved', language: 'ko' });
    expect(renderNotice(resolved, ALL).title).toBe('[CRITICAL][RESOLVED] broker_heartbeat: no answer');
    expect(renderNotice(sampleNotice({ reason: 'test' }), ALL).title).toMatch(
      /^\[TEST\]\[CRITICAL\]\[FIRING\]/,
    );
  });

  it('reads in English as an operator needs it', () => {
    expect(renderNotice(sampleNotice({ count: 4, errorCode: 'EXT-0601' }), ALL).text).toBe(
      `Critical · Firing · First notice

The broker has not answered for 30 s.

Check: broker_heartbeat
Value: 30 s
Error code: EXT-0601
Started: 2026-11-20 13:55:04 Asia/Seoul (2026-11-20 04:55:04 UTC)
Seen so far: 4 times
Type: HEALTH_CHECK
Instance: desk-1
Environment: paper

What to do:
1. Look whether the broker runs.
2. Restart its gateway.

Sent by qts-ops. Notice 01938f2e-7c40-7000-8000-000000000001, alert 01938f2e-7c40-7000-8000-00000000000a.
`,
    );
  });

  it('reads in Korean with the same facts', () => {
    const notice = sampleNotice({
      language: 'ko',
      state: 'resolved',
      reason: 'resolved',
      resolvedAtMs: sampleNotice().atMs + 124_000,
    });
    const { text } = renderNotice(notice, ALL);
    for (const part of [
      '치명적 · 해소됨 · 상황 종료',
      '헬스 체크: broker_heartbeat',
      '지속 시간: 2m04',
      '조치 방법:',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('shows one time when the desk runs on UTC or its zone is unknown', () => {
    for (const timeZone of ['UTC', 'Mars/Olympus']) {
      expect(renderNotice(sampleNotice({ timeZone }), ALL).text).toContain(
        'Started: 2026-11-20 04:55:04 UTC\n',
      );
    }
  });

  it('says in every text that it may be a repeat', () => {
    for (const [language, words] of [
      ['en', '(possible repeat)'],
      ['ko', '(중복일 수 있음)'],
    ] as const) {
      const rendered = renderNotice(
        sampleNotice({ maybeRepeat: true, language, title: 'x'.repeat(500) }),
        ALL,
      );
      expect(rendered.title.endsWith(` ${words}`)).toBe(true);
      expect(Array.from(rendered.title)).toHaveLength(150);
      for (const text of [rendered.text, rendered.html, JSON.stringify(rendered.blocks)])
        expect(text).toContain(words);
    }
  });

  it('keeps title and text within the characters a channel allows and loses the summary first', () => {
    const notice = sampleNotice({ title: '🙂'.repeat(300), summary: '한'.repeat(30_000) });
    const { title, text } = renderNotice(notice, { formats: ['text'], titleMax: 80, bodyMax: 1_000 });
    expect(Array.from(title)).toHaveLength(80);
    expect(Array.from(text).length).toBeLessThanOrEqual(1_000);
    expect(text).toContain('한…');
    expect(text).toContain('Check: broker_heartbeat');
    expect(
      renderNotice(notice, { formats: ['text'], titleMax: 20, bodyMax: 40 }).text.length,
    ).toBeLessThanOrEqual(40);
  });

  it('makes only the formats that were asked for', () => {
    expect(Object.keys(renderNotice(sampleNotice(), { ...ALL, formats: ['notice'] }))).toEqual([
      'title',
      'text',
    ]);
  });

  it('leaves nothing of terminal sequences and direction marks from elsewhere', () => {
    const rendered = renderNotice(hostile(), ALL);
    expect(JSON.stringify(rendered)).not.toMatch(/\\u001b|\u202e|\\u0000/);
    expect(rendered.title).not.toContain('\n');
  });

  it('makes links of web addresses only', () => {
    const links = [
      { label: 'Runbook', url: 'https://example.com/runbook?a=1&b="2"|x' },
      { label: 'planted', url: 'javascript:alert(1)' },
      { label: 'torn', url: 'not an address' },
    ];
    const { text, html, blocks } = renderNotice(sampleNotice({ links }), ALL);
    expect(text).toContain('Links:\nRunbook: https://example.com/runbook?a=1&b=%222%22|x\n');
    expect(html).toContain('<a href="https://example.com/runbook?a=1&amp;b=%222%22|x">Runbook</a>');
    expect(JSON.stringify(blocks)).toContain('<https://example.com/runbook?a=1&amp;b=%222%22%7Cx|Runbook>');
    for (const shown of [text, html, JSON.stringify(blocks)]) expect(shown).not.toMatch(/javascript|torn/);
  });
});

describe('the HTML of a mail', () => {
  it.each(['en', 'ko'] as const)('is valid in %s, also with everything hostile in it', async (language) => {
    for (const notice of [sampleNotice({ language }), hostile({ language }), huge({ language })]) {
      const report = await validator.validateString(renderNotice(notice, ALL).html ?? '');
      expect(report.results.flatMap(({ messages }) => messages)).toEqual([]);
    }
  });

  it('shows what would be markup as text, and loads nothing', () => {
    const html = renderNotice(hostile(), ALL).html ?? '';
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|<img|<link|url\(|src=/);
  });
});

describe('the Slack blocks', () => {
  it('stay within the limits of Slack, whatever the notice holds', () => {
    for (const notice of [sampleNotice(), hostile(), huge({ maybeRepeat: true })]) {
      const blocks = renderNotice(notice, ALL).blocks ?? [];
      expect(blocks.length).toBeLessThanOrEqual(SLACK_LIMITS.blocks);
      for (const { type, length, fields } of blocks.map(measured)) {
        expect(length).toBeLessThanOrEqual(type === 'header' ? SLACK_LIMITS.header : SLACK_LIMITS.section);
        expect(fields.length).toBeLessThanOrEqual(SLACK_LIMITS.fieldsPerSection);
        for (const field of fields) expect(field).toBeLessThanOrEqual(SLACK_LIMITS.field);
      }
    }
  });

  it('mention nobody', () => {
    expect(JSON.stringify(renderNotice(hostile(), ALL).blocks)).not.toMatch(/<[!@#]/);
  });
});

it('every word exists in both languages', () => {
  for (const catalogue of [NOTICE_WORDS, STATE_WORDS, LEVEL_WORDS, REASON_WORDS, LABEL_WORDS]) {
    for (const { en, ko } of Object.values(catalogue)) {
      expect(en.trim()).not.toBe('');
      expect(ko).toMatch(/[가-힣]/);
    }
  }
});

function hostile(changes: Partial<AlertNotice> = {}): AlertNotice {
  return sampleNotice({
    title: `${HOSTILE}\r\nBcc: stranger@example.com`,
    summary: `${HOSTILE}\nsecond line`,
    fields: [{ label: HOSTILE, value: HOSTILE }],
    remedy: [HOSTILE],
    links: [{ label: HOSTILE, url: 'https://example.com/<x>' }],
    errorCode: HOSTILE,
    instance: HOSTILE,
    ...changes,
  });
}

function huge(changes: Partial<AlertNotice> = {}): AlertNotice {
  const many = Array.from({ length: 500 }, (_, index) => index);
  return sampleNotice({
    title: '&한🙂'.repeat(1_000),
    summary: '&한🙂'.repeat(50_000),
    fields: many.map((index) => ({ label: `field ${index}`, value: '&🙂'.repeat(5_000) })),
    remedy: many.map(() => '&🙂'.repeat(5_000)),
    links: many.map((index) => ({
      label: '&'.repeat(500),
      url: `https://example.com/${index}?${'a'.repeat(1_900)}`,
    })),
    ...changes,
  });
}

function measured(block: Readonly<Record<string, unknown>>) {
  const lengthOf = (part: unknown) =>
    typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
      ? part.text.length
      : 0;
  const fields = Array.isArray(block['fields']) ? block['fields'].map(lengthOf) : [];
  return { type: block['type'], length: lengthOf(block['text']), fields };
}
