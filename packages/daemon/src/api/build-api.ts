import { opsException, PROTOCOL_VERSION } from '@qts-ops/core/client';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { addAlertRoutes } from './alert-routes.ts';
import type { ApiApp, ApiEngine, ApiReports } from './api-app.ts';
import './api-errors.ts';
import { addAuditRoutes } from './audit-routes.ts';
import { addBackupRoutes } from './backup-routes.ts';
import { addExecutionRoutes } from './execution-routes.ts';
import { addFeedRoutes } from './feed-routes.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addPingRoutes } from './ping-routes.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';
import { operatorOf, requestIdOf, requireIdempotencyKey, requireKeepableBody } from './request-rules.ts';
import { addTargetRoutes } from './target-routes.ts';
import { READING_MS, refuseUnreadable } from './unreadable-request.ts';

/** So many connections may be open at once; watching clients take 32 of them at most. */
const CONNECTIONS_MAX = 256;

/** The largest request body. */
export const BODY_MAX_BYTES = 64 * 1024;

/**
 * The admin API over a running engine: one more door to the same services. Every route names its permission; every
 * /admin request its operator; every write its idempotency key. `ended` ends the streams.
 */
export function buildApi(engine: ApiEngine, ended: AbortSignal, reports: ApiReports): ApiApp {
  const app: ApiApp = fastify({
    bodyLimit: BODY_MAX_BYTES,
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    // A client that never ends its request would keep its place among the connections for ever.
    requestTimeout: READING_MS,
    http: { headersTimeout: READING_MS, connectionsCheckingInterval: READING_MS / 10 },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, request, reply) => {
      answerHeaders(request, reply);
      return void sendProblem(reply, problemOf(error, request));
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = CONNECTIONS_MAX;
  app.setValidatorCompiler(validatorCompiler);
  app.removeContentTypeParser('text/plain');
  app.decorate('engine', engine);
  app.decorateRequest('operatorId', '');
  app.decorate('routeTable', []);
  noteRoutes(app);
  addRequestRules(app);
  addAnswers(app, reports);
  addExecutionRoutes(app);
  addTargetRoutes(app);
  addAuditRoutes(app);
  addBackupRoutes(app);
  addAlertRoutes(app);
  addHealthRoutes(app);
  addPingRoutes(app);
  addFeedRoutes(app, ended, reports);
  return app;
}

/** Keeps the table of routes; one without a permission is a fault of ours and stops the start. */
function noteRoutes(app: ApiApp): void {
  app.addHook('onRoute', ({ method, url, config, schema = {} }) => {
    const { permission, summary, returns, stream = false, mediaType } = config ?? {};
    if (permission === undefined || summary === undefined || returns === undefined) {
      throw new Error(`route ${String(method)} ${url}: name its permission, summary and result`);
    }
    app.routeTable.push({
      method: String(method),
      url,
      permission,
      summary,
      returns,
      stream,
      schema,
      ...(mediaType === undefined ? {} : { mediaType }),
    });
  });
}

function addRequestRules(app: ApiApp): void {
  app.addHook('onRequest', async (request, reply) => {
    answerHeaders(request, reply);
    if (request.is404 || !request.url.startsWith('/admin/')) return;
    request.operatorId = operatorOf(request.headers);
    if (request.method !== 'GET') requireIdempotencyKey(request.headers);
  });
  app.addHook('preValidation', async (request) => {
    // The text of a ping is any text; the engine cleans it.
    if (typeof request.body === 'object') requireKeepableBody(request.body);
  });
}

function answerHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  reply.header('x-qts-protocol', String(PROTOCOL_VERSION));
}

function addAnswers(app: ApiApp, reports: ApiReports): void {
  app.addHook('preSerialization', async (request, _reply, data) => ({
    success: true,
    data,
    request_id: request.id,
  }));
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request);
    if (problem.body['code'] === 'SYS-9999') reports.onFault(error, `${request.method} ${request.url}`);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const error = opsException('INP-0311', `${request.method} ${request.url.slice(0, 200)}: no such route`);
    return sendProblem(reply, problemOf(error, request));
  });
}

function sendProblem(reply: FastifyReply, { status, body }: ReturnType<typeof problemOf>) {
  // A text is sent as it is: the envelope is for answers only.
  return reply.code(status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}
