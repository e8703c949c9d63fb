import {
  type AlertReceiver,
  describeAlertChannel,
  HTTP_BEHAVIOURS,
  openChannel,
  type ReceivedNotice,
  type ReceivedRequest,
  type ReceiverBehaviour,
  sampleNotice,
  startHttpReceiver,
} from '@qts-ops/core/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { alertmanagerBody } from './alertmanager-body.ts';
import { pagerdutyBody } from './pagerduty-body.ts';
import { webhook } from './webhook.ts';
import type { WebhookOptions } from './webhook-options.ts';

const SECRETS = ['plantedPath1', 'plantedQuery1', 'plantedToken1', 'plantedHeader1', 'plantedKey1'];
const PATH = '/hooks/plantedPath1?key=plantedQuery1';

const wrongOptions = [
  { options: {}, fields: ['url'] },
  { options: { url: 5, format: 'xml', timeoutMs: 1 }, fields: ['url', 'format', 'timeoutMs'] },
  { options: { url: 'plantedPath1' }, fields: ['url: not an address'] },
  { options: { url: 'http://example.com/plantedPath1' }, fields: ['url: http: is not allowed'] },
  { options: { url: 'https://a:plantedPath1@example.com/' }, fields: ['url: a user name or password'] },
  { options: { format: 'pagerduty' }, fields: ['routingKey: required for pagerduty'] },
  { options: { url: 'https://example.com', routingKey: 'plantedKey1' }, fields: ['routingKey'] },
];

/** A point in time as Go's strict parser takes it. */
const TimeSchema = z.iso.datetime();

describeAlertChannel('webhook with plain JSON', {
  kind: webhook,
  behaviours: HTTP_BEHAVIOURS,
  start: starting(
    (origin) => ({
      url: origin + PATH,
      token: 'plantedToken1',
      headers: { 'x-gateway-key': 'plantedHeader1' },
    }),
    readJson,
  ),
  wrongOptions,
});

/** As the OpenAPI description of Alertmanager has it: postableAlerts. */
const PostableAlertsSchema = z.array(
  z
    .strictObject({
      labels: z.record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string()),
      annotations: z.record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string()),
      startsAt: TimeSchema,
      endsAt: TimeSchema,
      generatorURL: z.url().optional(),
    })
    .refine(({ startsAt, endsAt }) => Date.parse(endsAt) >= Date.parse(startsAt)),
);

describeAlertChannel('webhook for Alertmanager', {
  kind: webhook,
  behaviours: HTTP_BEHAVIOURS,
  start: starting(
    (origin) => ({ format: 'alertmanager', url: origin + PATH, token: 'plantedToken1' }),
    (request) => {
      const alerts = PostableAlertsSchema.parse(JSON.parse(request.body));
      return { text: JSON.stringify(alerts), key: keyOf(request) };
    },
  ),
  wrongOptions,
});

/** As the description of the Events API v2 has it. */
const EventSchema = z.strictObject({
  routing_key: z.literal('plantedKey1'),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().min(1).max(255),
  client: z.string(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1_024),
    source: z.string().min(1),
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: TimeSchema,
    class: z.string(),
    group: z.string(),
    custom_details: z.record(z.string(), z.unknown()),
  }),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
});

describeAlertChannel('webhook for PagerDuty', {
  kind: webhook,
  behaviours: HTTP_BEHAVIOURS,
  start: starting(
    (origin) => ({ format: 'pagerduty', url: `${origin}/v2/enqueue`, routingKey: 'plantedKey1' }),
    (request) => {
      if (request.body.length > 512_000) throw new Error('too large');
      const event = EventSchema.parse(JSON.parse(request.body));
      return { text: JSON.stringify(event.payload), key: keyOf(request) };
    },
    [202, '{"status":"success"}'],
  ),
  wrongOptions,
});

describe('plain JSON', () => {
  it('carries the names of the specification and everything else that is known', async () => {
    let body: unknown;
    await using receiver = await starting(
      (origin) => ({ url: origin }),
      (request) => {
        body = JSON.parse(request.body);
        expect(request.headers).toMatchObject({ 'content-type': 'application/json' });
        return { text: request.body };
      },
    )('accept');
    const channel = await openChannel(webhook, receiver.options);
    expect(await channel.send({ errorCode: 'EXT-0601' })).toEqual({ status: 'sent' });
    expect(body).toMatchObject({
      alert_id: sampleNotice().episodeId,
      alert_type: 'HEALTH_CHECK',
      alert_level: 'CRITICAL',
      title: '[CRITICAL][FIRING] broker_heartbeat: no answer',
      message: 'The broker has not answered for 30 s.',
      detail: expect.stringContaining('Check: broker_heartbeat'),
      sent_at: '2026-11-20T04:55:04.000Z',
      id: sampleNotice().id,
      state: 'firing',
      resolved_at: null,
      error_code: 'EXT-0601',
      fields: [
        { label: 'check', value: 'broker_heartbeat' },
        { label: 'value', value: '30 s' },
      ],
    });
  });

  it('goes over http to another machine only when that is allowed', () => {
    const url = 'http://receiver.internal/alerts';
    expect(() => webhook({ url })).toThrow('http: is not allowed');
    expect(webhook({ url, allowHttp: true }).channels).toHaveLength(1);
  });
});

describe('Alertmanager', () => {
  const rendered = { title: 't', text: 'x' };

  it('keeps one alert firing under its severity and ends it under the others', () => {
    const alerts = PostableAlertsSchema.parse(alertmanagerBody(sampleNotice({ level: 'ERROR' }), rendered));
    expect(alerts.map(({ labels, startsAt, endsAt }) => [labels['severity'], endsAt > startsAt])).toEqual([
      ['info', false],
      ['warning', false],
      ['error', true],
      ['critical', false],
    ]);
  });

  it('ends it under every severity when it is over', () => {
    const notice = sampleNotice({ state: 'resolved', resolvedAtMs: sampleNotice().atMs + 60_000 });
    const alerts = PostableAlertsSchema.parse(alertmanagerBody(notice, rendered));
    expect(new Set(alerts.map(({ endsAt }) => endsAt))).toEqual(new Set(['2026-11-20T04:56:04.000Z']));
  });
});

describe('PagerDuty', () => {
  const rendered = { title: 't', text: 'x' };

  it.each([
    ['firing', 'trigger'],
    ['acknowledged', 'acknowledge'],
    ['resolved', 'resolve'],
  ] as const)('hears of an alert that is %s as %s, under one key', (state, action) => {
    const event = EventSchema.parse(pagerdutyBody(sampleNotice({ state }), rendered, 'plantedKey1'));
    expect(event).toMatchObject({ event_action: action, dedup_key: 'desk-1/check:broker_heartbeat' });
  });

  it('gets a hash when the key would be too long', () => {
    const notice = sampleNotice({ dedupKey: '한'.repeat(200) });
    expect(EventSchema.parse(pagerdutyBody(notice, rendered, 'plantedKey1')).dedup_key).toMatch(
      /^[0-9a-f]{64}$/,
    );
  });
});

function readJson(request: ReceivedRequest): ReceivedNotice {
  if (request.headers.authorization !== 'Bearer plantedToken1') throw new Error('no token');
  if (request.headers['x-gateway-key'] !== 'plantedHeader1') throw new Error('no key');
  return { text: JSON.stringify(JSON.parse(request.body)), key: keyOf(request) };
}

function keyOf({ headers }: ReceivedRequest): string {
  return String(headers['idempotency-key']);
}

function starting(
  options: (origin: string) => WebhookOptions,
  read: (request: ReceivedRequest) => ReceivedNotice,
  accept: readonly [number, string] = [200, 'ok'],
): (behaviour: ReceiverBehaviour) => Promise<AlertReceiver<WebhookOptions>> {
  return (behaviour) => startHttpReceiver(behaviour, { options, secrets: SECRETS, read, accept });
}
