import { lineOf, maskSource } from './mask-source.ts';

/** A function with a body, as the size rules see it. */
export interface FunctionSize {
  /** Name, or the call it is handed to (`describe(`), or `arrow`. */
  readonly name: string;
  /** First line, from 1. */
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

/** Words that are followed by a bracket and a brace without being functions. */
const NOT_FUNCTIONS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'with',
  'return',
  'await',
  'super',
  'of',
  'in',
]);

/** Words inside a type after which the type goes on. */
const TYPE_PREFIXES = /^(readonly|keyof|typeof|unique|asserts|infer|new|abstract|is|extends)\b/;

/** Finds every function, method and arrow with a body in braces or round brackets. */
export function functionSizes(source: string, jsx: boolean): readonly FunctionSize[] {
  const { code } = maskSource(source, jsx);
  const found: FunctionSize[] = [];
  for (let open = code.indexOf('('); open !== -1; open = code.indexOf('(', open + 1)) {
    const close = closing(code, open);
    if (close === undefined) continue;
    const bodyStart = bodyAfter(code, close + 1, nameBefore(code, open));
    if (bodyStart === undefined) continue;
    const bodyEnd = closing(code, bodyStart);
    if (bodyEnd === undefined) continue;
    const start = headStart(code, open);
    found.push({
      name: nameBefore(code, open) || callBefore(code, open) || 'arrow',
      line: lineOf(code, start),
      lines: lineOf(code, bodyEnd) - lineOf(code, start) + 1,
      parameters: countParameters(code.slice(open + 1, close)),
    });
  }
  return found;
}

/** Where the body begins after a closed parameter list; absent when this is a call, a condition or a mere type. */
function bodyAfter(code: string, from: number, name: string): number | undefined {
  let at = skipSpace(code, from);
  if (code[at] === ':') at = skipSpace(code, afterType(code, at + 1));
  if (code.startsWith('=>', at)) {
    const body = skipSpace(code, at + 2);
    return code[body] === '{' || code[body] === '(' ? body : undefined;
  }
  return code[at] === '{' && name !== '' && !NOT_FUNCTIONS.has(name) ? at : undefined;
}

/** Index after a type annotation: enough of the grammar for return types as people write them. */
function afterType(code: string, from: number): number {
  let at = skipSpace(code, from);
  for (;;) {
    const prefix = TYPE_PREFIXES.exec(code.slice(at, at + 12))?.[0];
    if (prefix === undefined) break;
    at = skipSpace(code, at + prefix.length);
  }
  const opening = code.charAt(at);
  if ('|&'.includes(opening) && opening !== '') return afterType(code, at + 1);
  if ('({['.includes(opening) && opening !== '') at = (closing(code, at) ?? at) + 1;
  else at += /^[\w$.'" -]+?(?=[^\w$.'" -]|$)/.exec(code.slice(at, at + 200))?.[0].trimEnd().length ?? 0;
  for (;;) {
    if (code[at] === '[') at = (closing(code, at) ?? at) + 1;
    else if (code[at] === '<') at = afterAngles(code, at);
    else break;
  }
  const next = skipSpace(code, at);
  if ('|&'.includes(code.charAt(next)) && next < code.length) return afterType(code, next + 1);
  // Only a type in round brackets is followed by an arrow that belongs to the type.
  if (opening === '(' && code.startsWith('=>', next)) return afterType(code, next + 2);
  return at;
}

/** Index after the `>` that closes the `<` at `open`; arrows inside do not count. */
function afterAngles(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === '<') depth += 1;
    if (code[at] === '>' && code[at - 1] !== '=') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

/** Index of the bracket that closes the one at `open`. */
function closing(code: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    const character = code.charAt(at);
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** Counts what stands between commas outside brackets; a trailing comma adds nothing. */
function countParameters(list: string): number {
  let depth = 0;
  let count = 0;
  let pending = false;
  for (let at = 0; at < list.length; at += 1) {
    const character = list.charAt(at);
    if ('([{'.includes(character) || (character === '<' && /[\w$]/.test(list.charAt(at - 1)))) depth += 1;
    if (')]}'.includes(character) || (character === '>' && depth > 0 && list[at - 1] !== '=')) depth -= 1;
    if (character === ',' && depth === 0) {
      count += pending ? 1 : 0;
      pending = false;
    } else if (!/\s/.test(character)) pending = true;
  }
  return count + (pending ? 1 : 0);
}

/** The name written before a parameter list, type parameters left out. */
function nameBefore(code: string, open: number): string {
  const head = code.slice(Math.max(0, open - 300), open);
  const name = /([#\w$]+)\s*(?:<[^()]*>)?\s*$/.exec(head)?.[1] ?? '';
  return name === 'function' || name === 'async' ? '' : name;
}

/** `describe(` for an arrow handed to `describe('…', `. */
function callBefore(code: string, open: number): string {
  const line = code.slice(code.lastIndexOf('\n', open) + 1, open);
  return /^\s*(?:await\s+)?([\w$.]+)(?:<[^()]*>)?\(/.exec(line)?.[1] ?? '';
}

function headStart(code: string, open: number): number {
  const lineStart = code.lastIndexOf('\n', open) + 1;
  return lineStart + (/\S/.exec(code.slice(lineStart, open + 1))?.index ?? 0);
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (at < code.length && /\s/.test(code.charAt(at))) at += 1;
  return at;
}
