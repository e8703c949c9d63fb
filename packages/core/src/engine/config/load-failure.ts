import type { OpsException } from '../../kernel/ops-exception.ts';
import { configError } from './config-errors.ts';
import { LoadingTimeout } from './import-module.ts';

interface Explanation {
  readonly what: string;
  readonly remedy: string;
}

/**
 * INP-0603 for a TypeScript or JavaScript config that could not be evaluated: what happened, where, what to do.
 * The thrown value itself is not kept as the cause, because only its text can be cleaned of secrets.
 */
export function loadFailure(file: string, thrown: unknown, clean: (text: string) => string): OpsException {
  const text = textOf(thrown, clean);
  const { what, remedy } = explain(thrown, text);
  const where = placeOf(file, thrown);
  const cause = new Error(text);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  cause.stack = clean(stack ?? text);
  return configError('INP-0603', `${where}: ${what}; remedy: ${remedy}`, { data: { config: file }, cause });
}

function explain(thrown: unknown, text: string): Explanation {
  if (thrown instanceof LoadingTimeout) {
    return { what: text, remedy: "take every 'await' out of the config; do work inside its run functions" };
  }
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return {
        what: `${text}: types are removed, nothing is compiled`,
        remedy:
          "replace enum by a const object ('as const'), namespace by a module, parameter properties by fields, and 'import x = require()' by import; tsc's erasableSyntaxOnly finds them all",
      };
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return { what: `is not valid TypeScript: ${text}`, remedy: 'correct the syntax at the named line' };
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return {
        what: 'TypeScript below node_modules is not loaded',
        remedy: 'move the file out of node_modules, or import its compiled JavaScript',
      };
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_PACKAGE_PATH_NOT_EXPORTED':
      return { what: `imports something that is not there: ${text}`, remedy: remedyForMissing(text) };
    default:
      return thrown instanceof SyntaxError
        ? { what: `cannot be read as a module: ${text}`, remedy: 'correct the named import or syntax' }
        : {
            what: `threw while it was loaded: ${text}`,
            remedy: 'let the config only describe targets; do work inside their run functions',
          };
  }
}

function remedyForMissing(text: string): string {
  const plugin = /@qts-ops\/[\w-]+/.exec(text)?.[0];
  if (plugin !== undefined) return `install it beside qts-ops: npm install ${plugin}`;
  return "correct the path (relative imports name the file with its ending, './work.ts') or install the package beside the config";
}

/** First line of the thrown text; cleaned before it is cut, so that no part of a secret stays. */
function textOf(thrown: unknown, clean: (text: string) => string): string {
  const text = thrown instanceof Error ? thrown.message : `a value that is no Error (${typeof thrown})`;
  return (clean(text).split('\n')[0] ?? '').slice(0, 500);
}

/** `file:line` when the stack tells where in the config it happened. */
function placeOf(file: string, thrown: unknown): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const after = stack.split(file)[1];
  const line = after === undefined ? undefined : /^:(\d+)/.exec(after)?.[1];
  return line === undefined ? file : `${file}:${line}`;
}
