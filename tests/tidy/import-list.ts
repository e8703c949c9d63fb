import { lineOf, maskSource } from './mask-source.ts';

/** One import or re-export of a file. */
export interface ImportEdge {
  /** The text between the quotes. */
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Reads every `import … from`, `export … from`, bare `import '…'` and `import('…')` of a source. */
export function importList(source: string, jsx: boolean): readonly ImportEdge[] {
  const { code } = maskSource(source, jsx);
  const found: { match: RegExpExecArray; typeOnly: boolean }[] = [];
  for (const match of code.matchAll(/^[ \t]*(?:import|export)\b([^;'"()]*?)\bfrom\s*['"]/gm)) {
    found.push({ match, typeOnly: isTypeOnly(match[1] ?? '') });
  }
  for (const match of code.matchAll(/^[ \t]*import\s*['"]/gm)) found.push({ match, typeOnly: false });
  for (const match of code.matchAll(/(typeof\s+)?\bimport\s*\(\s*['"]/g)) {
    found.push({ match, typeOnly: match[1] !== undefined || isImportType(code, match) });
  }
  return found
    .map(({ match, typeOnly }) => {
      const open = match.index + match[0].length;
      const specifier = source.slice(open, code.indexOf(code.charAt(open - 1), open));
      return { specifier, typeOnly, line: lineOf(source, open) };
    })
    .sort((a, b) => a.line - b.line);
}

/** `import type {…}` or a list in which every name is marked as a type. */
function isTypeOnly(clause: string): boolean {
  if (/^\s+type\b(?!\s*,)(?!\s+from\b)/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1];
  if (names === undefined) return false;
  const list = names.split(',').map((name) => name.trim());
  return list.filter((name) => name !== '').every((name) => name.startsWith('type '));
}

/** `import('…').Name` is a type: a value would be awaited or handed on. */
function isImportType(code: string, match: RegExpExecArray): boolean {
  const close = code.indexOf(')', match.index + match[0].length);
  return (
    code[close + 1] === '.' &&
    /[:|&<,=]\s*$/.test(code.slice(0, match.index)) &&
    /^\.[A-Z]/.test(code.slice(close + 1))
  );
}
