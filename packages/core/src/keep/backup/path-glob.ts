import { backupError } from './backup-errors.ts';

/** Answers about relative paths, '/' between names. */
export interface PathMatcher {
  /** True when the file is wanted. */
  readonly matches: (path: string) => boolean;
  /** False when no file below this folder can be wanted; '' is the root. Saves reading whole trees. */
  readonly mayHold: (folder: string) => boolean;
}

/** Wants everything. */
export const EVERYTHING: PathMatcher = { matches: () => true, mayHold: () => true };

const BRACE_ALTERNATIVES_MAX = 1_000;
const NEVER = /(?!)/;

/**
 * Reads a list of globs: `*` and `?` stay inside one name, `**` is any number of names, `[a-z]` and `[!a-z]` one
 * character, `{a,b}` alternatives, `\` takes the next character as it is. A glob that begins with `!` takes files out
 * again; with only such globs everything else is wanted. Names that begin with a dot are names like any other. Letters
 * are the same however they are composed: a name from a Mac takes `é` and `결` apart, and looks no different.
 * @throws INP-0802 naming the glob that cannot be read.
 */
export function compileGlobs(globs: readonly string[] | undefined): PathMatcher {
  if (globs === undefined || globs.length === 0) return EVERYTHING;
  const composed = globs.map((glob) => glob.normalize('NFC'));
  const wanted = composed.filter((glob) => !glob.startsWith('!')).map(compileGlob);
  const unwanted = composed.filter((glob) => glob.startsWith('!')).map((glob) => compileGlob(glob.slice(1)));
  const matcher = matcherOf(wanted, unwanted);
  return globs.every(isAscii) ? matcher : composing(matcher);
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Only where a glob asks for it: composing a million paths takes its time. */
function composing({ matches, mayHold }: PathMatcher): PathMatcher {
  return {
    matches: (path) => matches(path.normalize('NFC')),
    mayHold: (folder) => mayHold(folder.normalize('NFC')),
  };
}

function matcherOf(wanted: readonly CompiledGlob[], unwanted: readonly CompiledGlob[]): PathMatcher {
  return {
    matches: (path) =>
      (wanted.length === 0 || wanted.some((glob) => glob.file.test(path))) &&
      !unwanted.some((glob) => glob.file.test(path)),
    mayHold: (folder) =>
      folder === '' ||
      ((wanted.length === 0 || wanted.some((glob) => glob.folder.test(folder))) &&
        !unwanted.some((glob) => glob.wholeFolder.test(folder))),
  };
}

interface CompiledGlob {
  readonly file: RegExp;
  /** Folders that lie on the way to a match. */
  readonly folder: RegExp;
  /** Folders of which everything matches. */
  readonly wholeFolder: RegExp;
}

function compileGlob(glob: string): CompiledGlob {
  const alternatives = expandBraces(glob);
  for (const alternative of alternatives) checkPath(glob, alternative);
  const segments = alternatives.map((alternative) => splitSegments(alternative));
  return {
    file: anyOf(segments.map((parts) => fileSource(parts, glob))),
    folder: anyOf(segments.flatMap((parts) => folderSources(parts, glob))),
    wholeFolder: anyOf(
      segments
        .filter((parts) => parts.length > 1 && parts.at(-1) === '**')
        .map((parts) => `${fileSource(parts.slice(0, -1), glob)}(?:/.*)?`),
    ),
  };
}

function anyOf(sources: readonly string[]): RegExp {
  return sources.length === 0 ? NEVER : new RegExp(`^(?:${sources.join('|')})$`, 'su');
}

function checkPath(glob: string, alternative: string): void {
  const offence =
    alternative === ''
      ? 'it is empty'
      : alternative.startsWith('/')
        ? 'it begins with "/"; write it relative to the source'
        : alternative.includes('\0')
          ? 'it has a NUL in it'
          : splitSegments(alternative).some((part) => part === '..' || part === '.' || part === '')
            ? 'it has an empty name, "." or ".." in it'
            : undefined;
  if (offence !== undefined) throw badGlob(glob, offence);
}

/** A `**` between other names stands for any number of names, none included. */
function fileSource(parts: readonly string[], glob: string): string {
  let source = '';
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === '**') source += last ? '.+' : '(?:[^/]+/)*';
    else source += segmentSource(part, glob) + (last ? '' : '/');
  }
  return source;
}

/** Each beginning of the glob is a folder on the way; after a `**` every folder is. */
function folderSources(parts: readonly string[], glob: string): string[] {
  const sources: string[] = [];
  for (let length = 1; length < parts.length; length++) {
    const way = parts.slice(0, length);
    if (way.at(-1) === '**') {
      sources.push(fileSource(way, glob));
      return sources;
    }
    sources.push(fileSource(way, glob));
  }
  if (parts.at(-1) === '**') sources.push(fileSource(parts, glob));
  return sources;
}

/** One name as a regular expression. */
function segmentSource(part: string, glob: string): string {
  let source = '';
  for (let index = 0; index < part.length; index++) {
    const character = part.charAt(index);
    if (character === '*') {
      while (part.charAt(index + 1) === '*') index++;
      source += '[^/]*';
    } else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const end = part.indexOf(']', index + 2);
      if (end === -1) throw badGlob(glob, 'a "[" has no "]"');
      source += setSource(part.slice(index + 1, end), glob);
      index = end;
    } else if (character === '\\') {
      if (index + 1 === part.length) throw badGlob(glob, 'it ends with "\\"');
      index++;
      source += escapeText(part.charAt(index));
    } else source += escapeText(character);
  }
  return source;
}

function setSource(inside: string, glob: string): string {
  const negated = inside.startsWith('!') || inside.startsWith('^');
  const members = (negated ? inside.slice(1) : inside).replaceAll(/[\\\]^[]/g, '\\$&');
  const source = `(?!/)[${negated ? '^' : ''}${members}]`;
  try {
    new RegExp(source, 'u');
    return source;
  } catch (error) {
    throw badGlob(glob, `the set [${inside}] cannot be read`, error);
  }
}

function escapeText(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function splitSegments(glob: string): string[] {
  return glob.split('/');
}

/** Every way through the braces of a glob; braces may stand inside each other. */
function expandBraces(glob: string): readonly string[] {
  const start = findUnescaped(glob, '{', 0);
  if (start === -1) return [glob];
  const { end, commas } = findBraceEnd(glob, start);
  const cuts = [start, ...commas, end];
  const choices = cuts.slice(1).map((cut, index) => glob.slice((cuts[index] ?? start) + 1, cut));
  const expanded = choices.flatMap((choice) =>
    expandBraces(`${glob.slice(0, start)}${choice}${glob.slice(end + 1)}`),
  );
  if (expanded.length > BRACE_ALTERNATIVES_MAX) {
    throw badGlob(glob, `its braces have more than ${BRACE_ALTERNATIVES_MAX} alternatives`);
  }
  return expanded;
}

function findBraceEnd(glob: string, start: number): { end: number; commas: number[] } {
  const commas: number[] = [];
  let depth = 0;
  for (let index = start; index < glob.length; index++) {
    const character = glob.charAt(index);
    if (character === '\\') index++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) commas.push(index);
    else if (character === '}') {
      depth--;
      if (depth === 0) return { end: index, commas };
    }
  }
  throw badGlob(glob, 'a "{" has no "}"');
}

function findUnescaped(text: string, wanted: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (text.charAt(index) === '\\') index++;
    else if (text.charAt(index) === wanted) return index;
  }
  return -1;
}

function badGlob(glob: string, offence: string, cause?: unknown): Error {
  return backupError('INP-0802', `glob ${JSON.stringify(glob)}: ${offence}`, { data: { glob }, cause });
}
