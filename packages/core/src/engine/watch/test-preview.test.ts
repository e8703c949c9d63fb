import { expect, it } from 'vitest';
import * as z from 'zod';
import { Secret } from '../../kernel/secret.ts';
import type { RenderedNotice } from '../../ports/alert-channel.ts';
import { defineAlertChannel } from '../../ports/define-alert-channel.ts';
import { createTestOps } from '../../testing/create-test-ops.ts';
import { testTarget } from '../../testing/test-targets.ts';
import { defaultAlertSettings } from '../../watch/alerts/alert-settings.ts';
import { noWatch } from '../config/watch-config.ts';
import { previewTest } from './test-preview.ts';

it('shows what a test hands to its channel, word for word but for the ids, and no secret', async () => {
  const sent: RenderedNotice[] = [];
  const mail = defineAlertChannel({
    name: 'email',
    apiVersion: 1,
    options: z.strictObject({ to: z.string().optional() }),
    capabilities: { formats: ['text', 'html'] },
    create: () => ({
      send: async (_notice, rendered) => {
        sent.push(rendered);
        return { status: 'sent' };
      },
    }),
  });
  const { channels = [] } = mail({ id: 'mail' });
  const watch = { ...noWatch(defaultAlertSettings([{ id: 'mail', kind: 'email' }])), channels };
  await using test = await createTestOps({ targets: [testTarget('a', () => undefined)], config: { watch } });
  const { config } = test.ops;
  await test.client.testChannel('mail', 'WARN');
  const wish = { channelId: 'mail', level: 'WARN', operatorId: 'tester', nowMs: test.clock.now() } as const;
  const { rendered, kind, formats } = previewTest(config, wish);
  const withoutIds = (text: string | undefined) => text?.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  expect([kind, formats]).toEqual(['email', ['text', 'html']]);
  expect(rendered.title).toBe(sent[0]?.title);
  expect(withoutIds(rendered.text)).toBe(withoutIds(sent[0]?.text));
  expect(withoutIds(rendered.html)).toBe(withoutIds(sent[0]?.html));
  const secret = new Secret('NAME', 'tester-0123456789');
  const hidden = previewTest(config, { ...wish, operatorId: secret.reveal(), secrets: [secret] });
  expect(JSON.stringify(hidden)).not.toContain(secret.reveal());
  expect(previewTest(config, { ...wish, channelId: 'log' }).rendered.text).toContain('test of alert channel');
  expect(() => previewTest(config, { ...wish, channelId: 'fax' })).toThrow('allowed: log, mail');
});
