import { isOpsException, opsException } from '@qts-ops/core/client';
import { z } from 'zod';
import { alertView } from './alert-schemas.ts';
import { type ApiApp, type ApiReports, clientOf } from './api-app.ts';
import { healthCheckView } from './health-schemas.ts';
import { writeStream } from './stream-writer.ts';
import { auditView, engineView, executionView, opsSnapshot, targetView } from './view-schemas.ts';

/** So many clients may watch at once. */
export const STREAMS_MAX = 32;

const stamped = { seq: z.int(), atMs: z.int() };

/** A line of the stream. */
export const feedMessage = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('snapshot'), snapshot: opsSnapshot }),
    z.object({
      kind: z.literal('delta'),
      delta: z.discriminatedUnion('kind', [
        z.object({ ...stamped, kind: z.literal('target'), target: targetView }),
        z.object({ ...stamped, kind: z.literal('execution'), execution: executionView }),
        z.object({ ...stamped, kind: z.literal('engine'), engine: engineView }),
        z.object({ ...stamped, kind: z.literal('audit'), entry: auditView }),
        z.object({ ...stamped, kind: z.literal('alert'), alert: alertView }),
        z.object({ ...stamped, kind: z.literal('check'), check: healthCheckView }),
      ]),
    }),
    z.object({ kind: z.literal('beat'), ...stamped }),
  ])
  .meta({ id: 'FeedMessage' });

/** Snapshot and stream. `ended` ends every stream. */
export function addFeedRoutes(app: ApiApp, ended: AbortSignal, reports: ApiReports): void {
  app.get(
    '/admin/snapshot',
    {
      config: { permission: 'VIEW', summary: 'Everything a screen needs to start.', returns: opsSnapshot },
      schema: { querystring: z.strictObject({}) },
    },
    (request) => clientOf(request).snapshot(),
  );

  addStream(app, ended, reports);
}

function addStream(app: ApiApp, ended: AbortSignal, reports: ApiReports): void {
  let open = 0;
  app.get(
    '/admin/stream',
    {
      config: {
        permission: 'VIEW',
        summary: 'A snapshot, then numbered deltas and beats, one JSON object a line.',
        returns: feedMessage,
        stream: true,
      },
      schema: { querystring: z.strictObject({}) },
    },
    async (request, reply) => {
      if (open >= STREAMS_MAX) {
        throw opsException('EXT-0108', `watching clients: ${open}; allowed: ${STREAMS_MAX}`, {
          data: { open },
        });
      }
      open += 1;
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
      raw.flushHeaders();
      const gone = new AbortController();
      raw.on('close', () => gone.abort());
      try {
        await writeStream(clientOf(request), raw, AbortSignal.any([ended, gone.signal]));
      } catch (error) {
        // The engine's own end is told by the end of the stream.
        if (!isOpsException(error)) reports.onFault(error, 'GET /admin/stream');
      } finally {
        open -= 1;
        // A client that does not read would hold a polite end for ever.
        if (raw.writableNeedDrain) raw.destroy();
        else raw.end();
      }
    },
  );
}
