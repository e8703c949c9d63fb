import { z } from 'zod';
import {
  alertDetail,
  alertLevel,
  alertState,
  alertType,
  alertView,
  channelTestView,
  channelView,
  silenceView,
  unacknowledgedCounts,
} from './alert-schemas.ts';
import { type ApiApp, actOf, clientOf } from './api-app.ts';
import { actBody, dates, flag, idParams, paging, rangeOf } from './input-schemas.ts';
import { actResult, pageOf } from './view-schemas.ts';

const listQuery = z.strictObject({
  type: alertType.optional(),
  level: alertLevel.optional(),
  state: alertState.optional(),
  open: flag.optional().meta({ description: 'true: every state but resolved.' }),
  acknowledged: flag.optional(),
  dedup_key: z.string().min(1).max(255).optional(),
  execution_id: z.string().min(1).max(100).optional(),
  ...dates,
  ...paging,
});

const forMs = z.int().min(1).meta({ description: 'How long, ms; at most 30 days.' });
const reasonOnly = actBody.omit({ expected_revision: true });
const acknowledgeBody = reasonOnly.extend({
  for_ms: forMs.optional(),
  sticky: z.boolean().optional().meta({ description: 'Holds even when the level rises.' }),
});
const silenceBody = reasonOnly.extend({
  matchers: z
    .array(z.string().min(3).max(300))
    .min(1)
    .max(20)
    .meta({ description: 'job=prices or level!=INFO; * stands for any text.' }),
  for_ms: forMs,
});
const testBody = z.strictObject({ level: alertLevel.default('CRITICAL') });

/** Alerts, silences and channels. */
export function addAlertRoutes(app: ApiApp): void {
  addReading(app);
  addActing(app);
  addSilences(app);
  addChannels(app);
}

function addReading(app: ApiApp): void {
  app.get(
    '/admin/alerts',
    {
      config: { permission: 'VIEW', summary: 'Alerts, newest first.', returns: pageOf(alertView) },
      schema: { querystring: listQuery },
    },
    (request) => {
      const { type, level, state, open, acknowledged, dedup_key, execution_id, limit, offset } =
        request.query;
      return clientOf(request).alerts({
        alertType: type,
        level,
        state,
        open: truth(open),
        acknowledged: truth(acknowledged),
        dedupKey: dedup_key,
        executionId: execution_id,
        ...rangeOf(request.query, app.engine.config.timeZone),
        limit,
        offset,
      });
    },
  );

  app.get(
    '/admin/alerts/unacknowledged',
    {
      config: {
        permission: 'VIEW',
        summary: 'How many alerts of each level nobody has taken.',
        returns: unacknowledgedCounts,
      },
      schema: { querystring: z.strictObject({}) },
    },
    (request) => clientOf(request).unacknowledged(),
  );

  app.get(
    '/admin/alerts/:id',
    {
      config: {
        permission: 'VIEW',
        summary: 'One alert with what became of its notices.',
        returns: alertDetail,
      },
      schema: { params: idParams, querystring: z.strictObject({}) },
    },
    (request) => clientOf(request).alert(request.params.id),
  );
}

function addActing(app: ApiApp): void {
  app.post(
    '/admin/alerts/:id/acknowledge',
    {
      config: {
        permission: 'RUN',
        summary: 'Takes an alert: reminders and escalation stop, its end is told all the same.',
        returns: actResult,
      },
      schema: { params: idParams, body: acknowledgeBody },
    },
    (request) => {
      const { reason, for_ms, sticky } = request.body;
      const act = { ...actOf(request, reason, undefined), forMs: for_ms, sticky };
      return clientOf(request).acknowledge(request.params.id, act);
    },
  );
  const acts = { unacknowledge: 'Gives an alert back.', close: 'Declares an alert finished.' } as const;
  for (const [name, summary] of Object.entries(acts)) {
    app.post(
      `/admin/alerts/:id/${name}`,
      {
        config: { permission: 'RUN', summary, returns: actResult },
        schema: { params: idParams, body: reasonOnly },
      },
      (request) => {
        const client = clientOf(request);
        const act = actOf(request, request.body.reason, undefined);
        const { id } = request.params;
        return name === 'close' ? client.closeAlert(id, act) : client.unacknowledge(id, act);
      },
    );
  }
}

function addSilences(app: ApiApp): void {
  app.get(
    '/admin/silences',
    {
      config: { permission: 'VIEW', summary: 'Silences, newest first.', returns: pageOf(silenceView) },
      schema: { querystring: z.strictObject({}) },
    },
    async (request) => wholeList(await clientOf(request).silences()),
  );
  app.post(
    '/admin/silences',
    {
      config: {
        permission: 'RUN',
        summary: 'Nobody is told of alerts that all matchers fit, until it ends.',
        returns: actResult,
      },
      schema: { body: silenceBody },
    },
    (request) => {
      const { reason, matchers, for_ms } = request.body;
      return clientOf(request).silence({ ...actOf(request, reason, undefined), matchers, forMs: for_ms });
    },
  );
  app.post(
    '/admin/silences/:id/expire',
    {
      config: { permission: 'RUN', summary: 'Ends a silence before its time.', returns: actResult },
      schema: { params: idParams, body: reasonOnly },
    },
    (request) =>
      clientOf(request).expireSilence(request.params.id, actOf(request, request.body.reason, undefined)),
  );
}

function addChannels(app: ApiApp): void {
  app.get(
    '/admin/channels',
    {
      config: { permission: 'VIEW', summary: 'How every channel is doing.', returns: pageOf(channelView) },
      schema: { querystring: z.strictObject({}) },
    },
    async (request) => wholeList(await clientOf(request).channels()),
  );
  app.post(
    '/admin/channels/:id/test',
    {
      config: {
        permission: 'RUN',
        summary: 'Sends a test notice and waits for what becomes of it.',
        returns: channelTestView,
      },
      schema: { params: idParams, body: testBody },
    },
    (request) => clientOf(request).testChannel(request.params.id, request.body.level),
  );
}

function truth(word: 'true' | 'false' | undefined): boolean | undefined {
  return word === undefined ? undefined : word === 'true';
}

/** A list that is always given whole, in the shape of every list. */
function wholeList<T>(items: readonly T[]) {
  return { items: [...items], count: items.length, limit: items.length, offset: 0 };
}
