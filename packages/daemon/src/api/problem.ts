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

/** The problem a request ends with. Declared errors keep their code; anything else is our own bug: SYS-9999. */
export function problemOf(error: unknown, requestId: string): Problem {
  const declared = declaredError(error);
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
    request_id: requestId,
  };
  return { status, body };
}

function declaredError(error: unknown): OpsException {
  if (isOpsException(error)) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = error.validationContext ?? 'request';
    const issues = error.validation.map(({ instancePath, message }) => ({
      path: `${place}${instancePath.replaceAll('/', '.')}`,
      message: message ?? 'not allowed',
    }));
    const text = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
    return opsException('INP-0301', text, { data: { issues }, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (requestStatus(error) !== undefined) return opsException('INP-0312', message, { cause: error });
  return opsException('SYS-9999', `unexpected ${error instanceof Error ? error.name : 'value'}: ${message}`, {
    cause: error,
  });
}

/** The status of a request the HTTP layer itself refused (too large, not JSON, …); validation has its own code. */
function requestStatus(error: unknown): number | undefined {
  if (isOpsException(error) || hasZodFastifySchemaValidationErrors(error)) return undefined;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
