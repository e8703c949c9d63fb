import { z } from 'zod';
import { type ApiApp, actOf, clientOf } from './api-app.ts';
import { actBody, flag, idParams } from './input-schemas.ts';
import { actResult, historyView, jobView, pageOf, targetDetail, targetView } from './view-schemas.ts';

/** Targets: their state, pause, resume and reset. */
export function addTargetRoutes(app: ApiApp): void {
  app.get(
    '/admin/targets',
    {
      config: {
        permission: 'VIEW',
        summary: 'Every target of the configuration.',
        returns: pageOf(targetView),
      },
      schema: { querystring: z.strictObject({}) },
    },
    async (request) => wholeList((await clientOf(request).snapshot()).targets),
  );

  app.get(
    '/admin/jobs',
    {
      config: {
        permission: 'VIEW',
        summary: 'Job rows: targets and, with all, inactive jobs.',
        returns: pageOf(jobView),
      },
      schema: { querystring: z.strictObject({ all: flag.default('false') }) },
    },
    async (request) => {
      const jobs = await clientOf(request).jobs();
      return wholeList(request.query.all === 'true' ? jobs : jobs.filter(({ isActive }) => isActive));
    },
  );

  app.get(
    '/admin/history',
    {
      config: {
        permission: 'VIEW',
        summary: 'How much of the history is old; nothing is removed.',
        returns: historyView,
      },
      schema: { querystring: z.strictObject({}) },
    },
    async (request) => clientOf(request).history(),
  );

  app.get(
    '/admin/targets/:id',
    {
      config: {
        permission: 'VIEW',
        summary: 'One target with its day, skips and next slots.',
        returns: targetDetail,
      },
      schema: { params: idParams, querystring: z.strictObject({}) },
    },
    (request) => clientOf(request).target(request.params.id),
  );

  addSteering(app, 'pause', 'No new slots are run until the target is resumed.');
  addSteering(app, 'resume', 'Ends a pause; slots that passed meanwhile are not caught up.');
  addSteering(app, 'reset', 'Sets the error counter to 0, which also ends a suspension.');
}

function addSteering(app: ApiApp, act: 'pause' | 'resume' | 'reset', summary: string): void {
  app.post(
    `/admin/targets/:id/${act}`,
    {
      config: { permission: 'RUN', summary, returns: actResult },
      schema: { params: idParams, body: actBody },
    },
    (request) => {
      const { reason, expected_revision } = request.body;
      return clientOf(request)[act](request.params.id, actOf(request, reason, expected_revision));
    },
  );
}

/** A list that is always given whole, in the shape of every list. */
function wholeList<T>(items: readonly T[]) {
  return { items, count: items.length, limit: items.length, offset: 0 };
}
