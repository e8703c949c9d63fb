import { type ErrorCode, findError } from '../../kernel/define-errors.ts';
import type { JsonObject, JsonValue } from '../../kernel/json.ts';
import { type OpsException, opsException } from '../../kernel/ops-exception.ts';
import type { Answer } from './http-exchange.ts';

/** The data of a successful answer; throws what the engine refused with, or EXT-0106 when it makes no sense. */
export function readAnswer(answer: Answer): unknown {
  const body = parseObject(answer.text);
  if (body === undefined) throw senseless(`status ${answer.status} with a body that is not a JSON object`);
  if (answer.status >= 400) throw problemOf(body, answer.status);
  if (body['success'] !== true || !('data' in body)) throw senseless('success and data are missing');
  return body['data'];
}

/** The exception an `application/problem+json` body stands for, with its code and data. */
export function problemOf(body: JsonObject, status: number): OpsException {
  const code = body['code'];
  if (typeof code !== 'string' || !isErrorCode(code))
    return senseless(`status ${status} without an error code`);
  const detail = typeof body['detail'] === 'string' ? body['detail'] : `refused with status ${status}`;
  const data = isJsonObject(body['data']) ? body['data'] : {};
  return opsException(code, detail, { data: { ...data, ...unknownTexts(code, body) } });
}

/** Parses one JSON object; absent when the text is anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Texts of a code that only the engine knows travel in `data`, so that a newer engine can still explain itself. */
function unknownTexts(code: ErrorCode, body: JsonObject): JsonObject {
  if (findError(code) !== undefined) return {};
  return {
    ...(body['remedy'] === undefined ? {} : { remedy: body['remedy'] }),
    ...(body['user_message'] === undefined ? {} : { userMessage: body['user_message'] }),
  };
}

function senseless(what: string): OpsException {
  return opsException('EXT-0106', `the answer cannot be understood: ${what}`);
}

function isErrorCode(text: string): text is ErrorCode {
  return /^(INP|EXT|BAT|DQ|LOG|SYS)-\d{4}$/.test(text);
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
