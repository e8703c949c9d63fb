import { isNode, LineCounter, parseDocument } from 'yaml';
import type { ConfigKeys, ConfigProblem } from './config-place.ts';

/** A YAML or JSON text as data, with the lines its values stand on. */
export type ReadDocument =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** Line of a value, or of the nearest value around it, counted from 1. */
      readonly lineOf: (keys: ConfigKeys) => number | undefined;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Reads YAML 1.2 and JSON; every syntax error is a problem with its line, and no text of the file is repeated. */
export function readDocument(text: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ code, message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return syntaxProblem({ line, column: col, message: `${firstLine(message)} (${code})`, code });
    });
    return { ok: false, problems };
  }
  const lineOf = (keys: ConfigKeys): number | undefined => {
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(keys.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  try {
    return { ok: true, value: document.toJS(), lineOf };
  } catch (error) {
    // Thrown for aliases that are unresolved or expand without end.
    const message = error instanceof Error ? firstLine(error.message) : 'cannot be read';
    return { ok: false, problems: [syntaxProblem({ message })] };
  }
}

/** What to do about the mistakes that are made most. */
const remedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the key of this line stands above already at the same place: keep one of them',
  TAB_AS_INDENT: 'indent with blanks',
};

interface DocumentError {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  readonly code?: string;
}

function syntaxProblem(at: DocumentError): ConfigProblem {
  const column = at.column === undefined ? '' : `column ${at.column}: `;
  return {
    path: 'config',
    ...(at.line === undefined ? {} : { line: at.line }),
    value: 'not readable',
    message: `${column}${at.message}`,
    allowed: 'YAML 1.2 or JSON',
    remedy:
      remedies[at.code ?? ''] ??
      "check indentation and quotes; put texts that begin with *, &, !, @ or contain ': ' in quotes",
  };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
