import type { PingRequest } from '@qts-ops/core/client';
import { errorCodes } from 'fastify';
import { z } from 'zod';
import type { ApiApp, FastifyRequest } from './api-app.ts';

/** The longest text that comes with a ping, bytes. */
export const PING_BODY_MAX_BYTES = 100_000;

const keyParams = z.strictObject({ key: z.string().min(1).max(100) });
const signParams = keyParams.extend({
  sign: z.string().regex(/^(?:start|fail|log|\d{1,3})$/, 'expected start, fail, log or an exit code'),
});
const runQuery = z.strictObject({
  rid: z.string().max(100).optional().meta({ description: 'Joins a start with its end.' }),
});
const taken = z.object({ taken: z.literal(true) }).meta({ id: 'PingTaken' });
const TAKEN = { taken: true } as const;

/** Signs of life of work elsewhere. Only POST, so that whoever merely looks at an address makes none. */
export function addPingRoutes(app: ApiApp): void {
  addTextParser(app);
  app.post(
    '/pings/:key',
    {
      bodyLimit: PING_BODY_MAX_BYTES,
      config: {
        permission: 'RUN',
        summary: 'Work elsewhere has ended well; the body is any text of at most 100 kB; needs no operator.',
        returns: taken,
      },
      schema: { params: keyParams, querystring: runQuery },
    },
    async (request) => {
      const { key } = request.params;
      await ping(request, key, { kind: 'success', runId: request.query.rid });
      return TAKEN;
    },
  );
  app.post(
    '/pings/:key/:sign',
    {
      bodyLimit: PING_BODY_MAX_BYTES,
      config: {
        permission: 'RUN',
        summary:
          'Work elsewhere began (start), failed (fail), says something (log) or ended with an exit code.',
        returns: taken,
      },
      schema: { params: signParams, querystring: runQuery },
    },
    async (request) => {
      const { key, sign } = request.params;
      await ping(request, key, { ...signOf(sign), runId: request.query.rid });
      return TAKEN;
    },
  );
}

function signOf(sign: string): Pick<PingRequest, 'kind' | 'exitCode'> {
  if (sign === 'start' || sign === 'fail' || sign === 'log') return { kind: sign };
  const exitCode = Number(sign);
  return { kind: exitCode === 0 ? 'success' : 'fail', exitCode };
}

function ping(request: FastifyRequest, key: string, sign: PingRequest): Promise<void> {
  const text = typeof request.body === 'string' ? withinBound(request.body) : '';
  const door = request.server.engine.client({ operatorId: 'system:ping', method: 'system' });
  return door.ping(key, { ...sign, body: text });
}

/** Bytes that are no text grow when they are replaced: what came within the bound is cut to it and not refused. */
function withinBound(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= PING_BODY_MAX_BYTES) return text;
  // `stream` leaves out a character that the cut went through.
  return new TextDecoder().decode(bytes.subarray(0, PING_BODY_MAX_BYTES), { stream: true });
}

/** Pings carry any text, also JSON that was cut off; everywhere else only whole JSON is taken. */
function addTextParser(app: ApiApp): void {
  const json = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isPing(request)) done(null, body);
    else void json(request, body, done);
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (isPing(request)) done(null, body);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type']));
  });
}

function isPing(request: FastifyRequest): boolean {
  return request.routeOptions.url?.startsWith('/pings/') === true;
}
