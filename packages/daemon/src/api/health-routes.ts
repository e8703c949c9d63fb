import { z } from 'zod';
import { type ApiApp, clientOf } from './api-app.ts';
import { HEALTH_TYPE, healthDocumentOf } from './health-document.ts';
import { healthDocument, healthView } from './health-schemas.ts';

const runBody = z.strictObject({
  ids: z
    .array(z.string().min(1).max(64))
    .max(1000)
    .default([])
    .meta({ description: 'Checks that look now; none: all of them.' }),
});

/** Health: what checks say, for people and for monitoring programs. */
export function addHealthRoutes(app: ApiApp): void {
  app.get(
    '/health',
    {
      config: {
        permission: 'VIEW',
        summary:
          'Whether the system can be relied on: 200, or 503 while a critical check fails; needs no operator.',
        returns: healthDocument,
        mediaType: HEALTH_TYPE,
      },
      schema: { querystring: z.strictObject({}) },
    },
    async (_request, reply) => {
      const door = app.engine.client({ operatorId: 'system:health', method: 'system' });
      const { httpStatus, body } = healthDocumentOf(await door.snapshot());
      reply.header('cache-control', 'no-store');
      // A text is sent as it is: the envelope is for answers to operators.
      return reply.code(httpStatus).type(HEALTH_TYPE).send(JSON.stringify(body));
    },
  );

  app.get(
    '/admin/health',
    {
      config: { permission: 'VIEW', summary: 'All checks with their last day.', returns: healthView },
      schema: { querystring: z.strictObject({}) },
    },
    (request) => clientOf(request).health(),
  );

  app.post(
    '/admin/checks/run',
    {
      config: { permission: 'RUN', summary: 'Lets checks look now and waits for them.', returns: healthView },
      schema: { body: runBody },
    },
    (request) => clientOf(request).runChecks(request.body.ids),
  );
}
