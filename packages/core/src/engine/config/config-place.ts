import { redact, type Secret } from '../../kernel/secret.ts';

/** One thing that is wrong with a config: where, what was seen, what is allowed and what to do. */
export interface ConfigProblem {
  /** Place in the config: `targets[2].on.cron`; `config` for the whole. */
  readonly path: string;
  /** Line in a YAML or JSON file, counted from 1; absent for other configs. */
  readonly line?: number;
  /** What was seen, shortened; `absent` when nothing was written, never a secret. */
  readonly value: string;
  readonly message: string;
  readonly allowed: string;
  readonly remedy: string;
}

/** Keys from the root of the config to a value in it. */
export type ConfigKeys = ReadonlyArray<string | number>;

/** Where the problems of one config are gathered. */
export interface ProblemSink {
  readonly problems: ConfigProblem[];
  /** Values that must not appear in any problem. */
  readonly hidden: readonly Secret[];
  /** Line of a value in the file, where the format has lines. */
  readonly lineOf?: ((keys: ConfigKeys) => number | undefined) | undefined;
}

/** A problem as the reader of one value reports it. */
export interface ReportedProblem {
  /** The value as it was written; shown shortened and without secrets. */
  readonly value: unknown;
  readonly message: string;
  readonly allowed: string;
  readonly remedy: string;
}

const maxShownLength = 60;
const maxShownKeys = 5;

/** A place in a config: knows its path and where to report what is wrong there. */
export class ConfigPlace {
  readonly #sink: ProblemSink;
  readonly #keys: ConfigKeys;

  constructor(sink: ProblemSink, keys: ConfigKeys = []) {
    this.#sink = sink;
    this.#keys = keys;
  }

  /** The path as problems name it. */
  get path(): string {
    return pathText(this.#keys);
  }

  /** The place of a key or index below this one. */
  child(key: string | number): ConfigPlace {
    return new ConfigPlace(this.#sink, [...this.#keys, key]);
  }

  /** Adds a problem with the value at this place. */
  report(problem: ReportedProblem): void {
    const line = this.#sink.lineOf?.(this.#keys);
    this.#sink.problems.push({
      path: this.clean(this.path),
      ...(line === undefined ? {} : { line }),
      value: this.show(problem.value),
      message: this.clean(problem.message),
      allowed: this.clean(problem.allowed),
      remedy: this.clean(problem.remedy),
    });
  }

  /** A value as a message may name it: secrets first removed, then cut, on one line. */
  show(value: unknown): string {
    if (value === undefined) return 'absent';
    if (typeof value === 'string') return `'${oneLine(this.clean(value), maxShownLength)}'`;
    if (typeof value === 'function') return 'a function';
    if (Array.isArray(value)) return `a list of ${value.length}`;
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return `${value}`;
    if (typeof value !== 'object') return `a ${typeof value}`;
    const keys = Object.keys(value);
    if (keys.length === 0) return 'an empty object';
    const shown = keys.slice(0, maxShownKeys).map((key) => oneLine(this.clean(key), maxShownLength));
    return `an object with ${shown.join(', ')}${keys.length > maxShownKeys ? ', …' : ''}`;
  }

  /** A text without the values that must stay hidden. */
  clean(text: string): string {
    return redact(text, this.#sink.hidden);
  }
}

/** Keys as a person writes a path: `targets[2].run.env['a-b']`; `config` for the root. */
export function pathText(keys: ConfigKeys): string {
  let text = '';
  for (const key of keys) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z_]\w*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `['${oneLine(key, maxShownLength)}']`;
  }
  return text === '' ? 'config' : text;
}

/** Every problem on its own lines below a heading that names the config and counts them. */
export function problemsText(name: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const blocks = problems.map(({ path, line, message, allowed, remedy }) => {
    const where = line === undefined ? path : `${path} (line ${line})`;
    return `  ${where}: ${message}\n    allowed: ${allowed}\n    remedy: ${remedy}`;
  });
  return [`${name} has ${count}:`, ...blocks].join('\n');
}

function oneLine(text: string, maxLength: number): string {
  const line = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
  });
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
