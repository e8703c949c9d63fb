import { type JsonObject, type JsonValue, PROTOCOL_VERSION } from '@qts-ops/core/client';
import { z } from 'zod';
import type { ApiEngine, ApiRoute } from './api-app.ts';
import { buildApi } from './build-api.ts';
import { jsonValue } from './view-schemas.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'INP, EXT, BAT, DQ, LOG or SYS and four digits.' }),
    detail: z.string().meta({ description: 'For operators: the cause.' }),
    user_message: z.string().meta({ description: 'For people who use the results.' }),
    remedy: z.array(z.string()),
    data: z.record(z.string(), jsonValue),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });

/** The OpenAPI 3.1 description of the admin API, made from the routes themselves. */
export function openApiDocument(): JsonObject {
  const schemas: Record<string, JsonValue> = {};
  const paths: Record<string, Record<string, JsonValue>> = {};
  const problemRef = schemaOf(problem, schemas);
  for (const route of describedRoutes()) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const methods = paths[path] ?? {};
    methods[route.method.toLowerCase()] = operationOf(route, schemas, problemRef);
    paths[path] = methods;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'qts-ops admin API',
      version: String(PROTOCOL_VERSION),
      description:
        'HTTP on a unix socket (mode 0600) inside the state folder. Answers stand in one envelope; errors are application/problem+json.',
    },
    paths,
    components: { schemas },
  };
}

/** The routes, without an engine behind them. */
export function describedRoutes(): readonly ApiRoute[] {
  const nobody: ApiEngine = {
    get config(): never {
      throw new Error('the description asks no engine');
    },
    client() {
      throw new Error('the description asks no engine');
    },
  };
  return buildApi(nobody, new AbortController().signal, { onFault: () => undefined }).routeTable;
}

function operationOf(route: ApiRoute, schemas: Record<string, JsonValue>, problemRef: JsonValue): JsonObject {
  const { params, querystring, body } = route.schema;
  const data = schemaOf(route.returns, schemas);
  const answer = {
    type: 'object',
    properties: { success: { const: true }, data, request_id: { type: 'string' } },
    required: ['success', 'data', 'request_id'],
  };
  const content: JsonObject = route.stream
    ? { 'application/x-ndjson': { schema: data } }
    : route.mediaType === undefined
      ? { 'application/json': { schema: answer } }
      : { [route.mediaType]: { schema: data } };
  return {
    summary: route.summary,
    'x-permission': route.permission,
    parameters: [
      ...headersOf(route),
      ...parametersOf(params, 'path', schemas),
      ...parametersOf(querystring, 'query', schemas),
    ],
    ...(isZod(body)
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, schemas) } },
          },
        }
      : {}),
    responses: {
      '200': { description: route.stream ? 'One message a line.' : 'Done.', content },
      default: { description: 'Refused.', content: { 'application/problem+json': { schema: problemRef } } },
    },
  };
}

function headersOf({ method, url }: ApiRoute): readonly JsonObject[] {
  const header = (name: string, required: boolean, description: string): JsonObject => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(url.startsWith('/admin/') ? [header('X-Operator', true, 'Account name, percent-encoded.')] : []),
    ...(method === 'POST' && url.startsWith('/admin/')
      ? [header('X-Idempotency-Key', true, '8 to 128 visible ASCII characters.')]
      : []),
    header('X-Request-Id', false, 'Echoed; made when absent.'),
  ];
}

function parametersOf(
  schema: unknown,
  place: 'path' | 'query',
  schemas: Record<string, JsonValue>,
): JsonObject[] {
  if (!isZod(schema)) return [];
  const object = schemaOf(schema, schemas);
  const required = Array.isArray(object['required']) ? object['required'] : [];
  const properties = isObject(object['properties']) ? object['properties'] : {};
  return Object.entries(properties).map(([name, property]) => {
    return { name, in: place, required: place === 'path' || required.includes(name), schema: property };
  });
}

/** The JSON schema of what is sent; named schemas move to the shared components. */
function schemaOf(schema: z.ZodType, schemas: Record<string, JsonValue>): JsonObject {
  // JSON schema is JSON.
  const whole = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: dropSafeBounds,
  }) as JsonObject;
  const { $schema: _dialect, $defs, ...own } = whole;
  for (const [name, definition] of Object.entries(isObject($defs) ? $defs : {}))
    schemas[name] = withSharedRefs(definition);
  const { id, ...anonymous } = own;
  if (typeof id !== 'string') return withSharedRefs(anonymous);
  schemas[id] = withSharedRefs(anonymous);
  return { $ref: `#/components/schemas/${id}` };
}

function withSharedRefs<T extends JsonValue>(value: T): T;
function withSharedRefs(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((entry) => withSharedRefs(entry));
  const entries = Object.entries(value).filter(
    ([key, entry]) => !(key === 'id' && typeof entry === 'string'),
  );
  return Object.fromEntries(
    entries.map(([key, entry]) => [
      key,
      key === '$ref' && typeof entry === 'string'
        ? entry.replace('#/$defs/', '#/components/schemas/')
        : withSharedRefs(entry),
    ]),
  );
}

/** Every whole number is a safe one; saying so at each would only be noise. */
function dropSafeBounds({
  jsonSchema,
}: {
  readonly jsonSchema: { minimum?: number; maximum?: number };
}): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isZod(schema: unknown): schema is z.ZodType {
  return schema instanceof z.ZodType;
}
