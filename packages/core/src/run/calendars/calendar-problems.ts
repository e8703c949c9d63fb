/** One thing that is wrong with a calendar file, a window or an anchor: where, what was seen, what is allowed, what to do. */
export interface CalendarProblem {
  /** Line of a CSV file, counted from 1; absent where there are no lines. */
  readonly line?: number;
  /** Column of a CSV file, `sessions[3].open` in a document, or the setting: `file` for the whole. */
  readonly field: string;
  /** What was seen, in quotes and shortened; `absent` when nothing was there. */
  readonly value: string;
  readonly message: string;
  readonly allowed: string;
  readonly remedy: string;
}

/** Most problems that are listed; a broken file of thousands of lines must not fill a log. */
export const maxListedProblems = 100;

const maxShownLength = 60;

/** Gathers the problems of one calendar so that a person sees all of them at once. */
export class ProblemList {
  readonly #problems: CalendarProblem[] = [];
  readonly #seen = new Set<string>();
  #count = 0;

  /** How many problems there are, listed or not. */
  get count(): number {
    return this.#count;
  }

  /** Adds a problem unless it is there already; `value` is shown shortened and without control characters. */
  add(problem: Omit<CalendarProblem, 'value'> & { readonly value: unknown }): void {
    const shown = { ...problem, value: shownValue(problem.value) };
    // One wrong time of a week would otherwise come back for every day of it.
    const key = JSON.stringify([shown.line, shown.field, shown.value, shown.message]);
    if (this.#seen.has(key)) return;
    this.#count += 1;
    if (this.#problems.length >= maxListedProblems) return;
    this.#seen.add(key);
    this.#problems.push(shown);
  }

  /** The problems in the order of the file; the last one counts those that are not listed. */
  list(): readonly CalendarProblem[] {
    const more = this.#count - this.#problems.length;
    if (more === 0) return [...this.#problems];
    const rest: CalendarProblem = {
      field: 'file',
      value: `${this.#count} problems`,
      message: `there are ${more} more problems`,
      allowed: 'no problems',
      remedy: 'correct the listed ones first; a wrong header or zone often causes all of them',
    };
    return [...this.#problems, rest];
  }
}

/** A value as a message may name it: on one line and not too long. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === '') return 'absent';
  if (typeof value === 'string') return `'${shortened(value)}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Where a problem is, what it is, and what was seen there. */
export function problemText({ line, field, value, message }: CalendarProblem): string {
  const where = line === undefined ? field : `line ${line}, ${field}`;
  const isSaid = value === 'absent' || message.includes(value);
  return `${where}: ${message}${isSaid ? '' : ` (${value})`}`;
}

/** Every problem on its own lines below a heading that names the calendar and counts them. */
export function calendarProblemsText(source: string, problems: readonly CalendarProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const blocks = problems.map((problem) => {
    const { allowed, remedy } = problem;
    return `  ${problemText(problem)}\n    allowed: ${allowed}\n    remedy: ${remedy}`;
  });
  return [`calendar ${source} has ${count}:`, ...blocks].join('\n');
}

function shortened(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
  });
  return line.length > maxShownLength ? `${line.slice(0, maxShownLength)}…` : line;
}
