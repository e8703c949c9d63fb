/** A compiled filter: every term must hold. */
export interface Filter {
  readonly text: string;
  /** What cannot be understood and was taken literally; absent when all is well. */
  readonly problem?: string;
  readonly terms: readonly FilterTerm[];
}

interface FilterTerm {
  readonly negated: boolean;
  /** Absent: the pattern is looked for in every field. */
  readonly field?: string;
  readonly pattern: RegExp;
}

/** The fields of one row, by name; values are what the row shows. */
export type FilterFields = Readonly<Record<string, string>>;

/** A filter that lets everything through. */
export const NO_FILTER: Filter = { text: '', terms: [] };

/**
 * Reads a filter: terms separated by spaces, all must hold. `kraken` is a regular expression looked for everywhere,
 * `state:fail,susp` looks for the beginning of one field, `!term` means the opposite.
 */
export function parseFilter(text: string, fields: readonly string[]): Filter {
  const problems: string[] = [];
  const terms = text
    .split(/\s+/u)
    .filter((word) => word !== '' && word !== '!')
    .map((word) => parseTerm(word, fields, problems));
  const problem = problems[0];
  return { text, terms, ...(problem === undefined ? {} : { problem }) };
}

/** True when a row passes. */
export function matches(filter: Filter, fields: FilterFields): boolean {
  return filter.terms.every((term) => holds(term, fields) !== term.negated);
}

function parseTerm(word: string, fields: readonly string[], problems: string[]): FilterTerm {
  const negated = word.startsWith('!');
  const body = negated ? word.slice(1) : word;
  const colon = body.indexOf(':');
  const field = colon > 0 ? body.slice(0, colon).toLowerCase() : undefined;
  if (field !== undefined && fields.includes(field)) {
    const values = body
      .slice(colon + 1)
      .split(',')
      .map((value) => escapePattern(value));
    return { negated, field, pattern: new RegExp(`^(?:${values.join('|')})`, 'iu') };
  }
  if (field !== undefined && /^[a-z]+$/u.test(field)) {
    problems.push(`no field '${field}': ${fields.join(', ')}`);
  }
  try {
    return { negated, pattern: new RegExp(body, 'iu') };
  } catch {
    problems.push(`'${body}' is not a regular expression; taken literally`);
    return { negated, pattern: new RegExp(escapePattern(body), 'iu') };
  }
}

function holds(term: FilterTerm, fields: FilterFields): boolean {
  if (term.field !== undefined) return term.pattern.test(fields[term.field] ?? '');
  return Object.values(fields).some((value) => term.pattern.test(value));
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
}
