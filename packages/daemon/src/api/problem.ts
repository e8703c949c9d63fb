import {
  findError,
  isOpsException,
  type JsonObject,
  type OpsException,
  opsException,
  remedyOf,
} from '@qts-ops/core/client';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

/** Media type of every error (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** An error as it goes over the wire. */
export interface Problem {
  readonly status: number;
  readonly body: JsonObject;
}

/** What is known of a request when it fails. */
export interface AskedRequest {
  readonly id: string;
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** The problem a request ends with. Declared errors keep their code; anything else is our own bug: SYS-9999. */
export function problemOf(error: unknown, request: AskedRequest): Problem {
  const declared = declaredError(error, request);
  const definition = findError(declared.code)?.definition;
  const status = requestStatus(error) ?? definition?.httpStatus ?? 500;
  const body: JsonObject = {
    type: `urn:qts-ops:error:${declared.code}`,
    title: definition?.operator.en ?? declared.code,
    status,
    code: declared.code,
    detail: declared.message,
    user_message: declared.userMessage,
    remedy: [...remedyOf(declared)],
    data: declared.data,
    request_id: request.id,
  };
  return { status, body };
}

function declaredError(error: unknown, request: AskedRequest): OpsException {
  if (isOpsException(error)) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = issuesOf(error, request);
    const text = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
    return opsException('INP-0301', text, { data: { issues }, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (requestStatus(error) !== undefined) {
    // A wrong address is repeated whole, and an address may have 16 kB.
    const short = message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX)}…` : message;
    return opsException('INP-0312', short, { cause: error });
  }
  return opsException('SYS-9999', `unexpected ${error instanceof Error ? error.name : 'value'}: ${message}`, {
    cause: error,
  });
}

const MESSAGE_MAX = 200;
const SEEN_MAX = 40;

/** Where the parts of a request stand, in words of the person who wrote it. */
const PLACES: Readonly<Record<string, { readonly name: string; readonly part: keyof AskedRequest }>> = {
  params: { name: 'path', part: 'params' },
  querystring: { name: 'query', part: 'query' },
  body: { name: 'body', part: 'body' },
};

interface Refused {
  readonly validation: readonly { readonly instancePath: string; readonly message?: string }[];
  readonly validationContext?: string;
}

/** Every field that is refused, with the value that was seen. */
function issuesOf({ validation, validationContext = 'request' }: Refused, request: AskedRequest) {
  const place = PLACES[validationContext];
  return validation.map(({ instancePath, message = 'not allowed' }) => {
    const keys = instancePath.split('/').filter((key) => key !== '');
    const seen = seenText(place === undefined ? undefined : request[place.part], keys);
    return {
      path: [place?.name ?? validationContext, ...keys].join('.'),
      message: seen === undefined ? message : `${seen}; ${message}`,
    };
  });
}

/** A value that was given, short; absent when it is not one that a line can show. */
function seenText(part: unknown, keys: readonly string[]): string | undefined {
  let value = part;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    // Its keys are what a client sent; nothing is known of the values.
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value === 'string')
    return value.length > SEEN_MAX ? `'${value.slice(0, SEEN_MAX)}…'` : `'${value}'`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The status of a request the HTTP layer itself refused (too large, not JSON, …); validation has its own code. */
function requestStatus(error: unknown): number | undefined {
  if (isOpsException(error) || hasZodFastifySchemaValidationErrors(error)) return undefined;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
