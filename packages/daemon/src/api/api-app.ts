import type { Ops } from '@qts-ops/core';
import type { ActRequest, OpsClient, Permission } from '@qts-ops/core/client';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';

/** The part of a running engine that the admin API stands on. */
export type ApiEngine = Pick<Ops, 'client' | 'config'>;

/** What the API tells about errors that are no answer of the engine but a fault of ours. */
export interface ApiReports {
  /** Called with everything that ended as SYS-9999. */
  readonly onFault: (error: unknown, request: string) => void;
}

/** The admin API while its routes are being added. */
export type ApiApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** One route as the API description needs it. */
export interface ApiRoute {
  readonly method: string;
  readonly url: string;
  readonly permission: Permission;
  readonly summary: string;
  readonly returns: z.ZodType;
  readonly stream: boolean;
  readonly schema: FastifySchema;
  /** What it answers with instead of JSON in an envelope. */
  readonly mediaType?: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the operator must be allowed to do; every route names it. */
    permission?: Permission;
    /** One sentence for the API description. */
    summary?: string;
    /** Shape of `data`; for the description and the tests. */
    returns?: z.ZodType;
    /** True for a route that answers with newline-delimited messages instead of one envelope. */
    stream?: boolean;
    /** Media type of an answer without an envelope. */
    mediaType?: string;
  }
  interface FastifyRequest {
    /** Who asks; empty on routes outside /admin. */
    operatorId: string;
  }
  interface FastifyInstance {
    engine: ApiEngine;
    /** Every route, for the API description. */
    routeTable: ApiRoute[];
  }
}

/** What the operator behind a request can ask; the engine checks the permission and writes the audit row. */
export function clientOf(request: FastifyRequest): OpsClient {
  return request.server.engine.client({ operatorId: request.operatorId, method: 'os-user' });
}

/** The act a writing request asks for. The idempotency key was checked before the body was read. */
export function actOf(
  request: FastifyRequest,
  reason: string,
  expectedRevision: number | undefined,
): ActRequest {
  const requestId = String(request.headers['x-idempotency-key']);
  return { reason, requestId, ...(expectedRevision === undefined ? {} : { expectedRevision }) };
}

export type { FastifyReply, FastifyRequest };
