import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandWork, IsolatedWork, KeepWork, TargetWork } from '../../ports/target.ts';
import type { ConfigPlace } from './config-place.ts';
import { commandSchema, functionSchema, isolatedSchema } from './config-schema.ts';
import { keepWorkSchema } from './keep-schema.ts';
import { isRawObject, type RawObject, readFields, reportUnknownKeys } from './read-fields.ts';
import { readHttp } from './resolve-http.ts';
import { type ResolveScope, readSecret } from './resolve-scope.ts';

const allowedWork =
  "a function (TypeScript and JavaScript configs), { exec: ['program', 'argument'] }, { isolated: { module, export } }, { http: 'POST https://…' } or { keep: 'backup' }";

/** Shown in place of a literal value of a variable, which may be a password. */
const hidden = '[hidden]';

/** Variables the engine sets for every child; a target cannot have its own. */
const reservedVariables = ['QTS_EXECUTION_ID', 'QTS_OPS_STATE'];

/** Words that say what a target does; exactly one of them is written. */
const workReaders: Readonly<
  Record<string, (value: RawObject, place: ConfigPlace, scope: ResolveScope) => TargetWork | undefined>
> = { exec: readCommand, isolated: readIsolated, http: readHttp, keep: readKeepWork };

/** What `run` says; undefined when it was reported. */
export function readWork(value: unknown, place: ConfigPlace, scope: ResolveScope): TargetWork | undefined {
  const run = functionSchema.safeParse(value);
  if (run.success) return { kind: 'function', run: run.data };
  const words = isRawObject(value)
    ? Object.keys(workReaders).filter((word) => value[word] !== undefined)
    : [];
  if (isRawObject(value)) {
    const read = words.length === 1 ? workReaders[words[0] ?? ''] : undefined;
    if (read !== undefined) return read(value, place, scope);
    if (words.length === 0 && Object.keys(value).length > 0) {
      reportUnknownKeys(value, Object.keys(workReaders), place);
      return undefined;
    }
  }
  place.report({
    value,
    message: messageFor(value, words, place),
    allowed: allowedWork,
    remedy: remedyFor(value),
  });
  return undefined;
}

function remedyFor(value: unknown): string {
  const isProgram = typeof value === 'string' || (Array.isArray(value) && value.length > 0);
  if (isProgram) return "a program is run: { exec: ['python', '-m', 'desk.main'] }";
  return 'say what the target does, in exactly one of these ways';
}

function messageFor(value: unknown, words: readonly string[], place: ConfigPlace): string {
  if (value === undefined) return 'is missing';
  if (words.length > 1) return `${words.map((word) => `'${word}'`).join(' and ')} exclude each other`;
  return `${place.show(value)} cannot be run`;
}

function readCommand(value: RawObject, place: ConfigPlace, scope: ResolveScope): CommandWork | undefined {
  const { exec, cwd } = readFields(commandSchema, value, place);
  const env = readVariables(value['env'], place.child('env'), scope);
  const exitCodes = readExitCodes(value['exitCodes'], place.child('exitCodes'));
  if (exec === undefined) return undefined;
  const [command, ...args] = exec;
  if (args.length === 0 && isCommandLine(command)) reportCommandLine(command, place.child('exec'));
  const folder = cwd === undefined ? scope.folder : fromFolder(cwd, scope);
  return {
    kind: 'command',
    command: isRelativePath(command) ? fromFolder(command, scope) : command,
    args,
    ...(folder === undefined ? {} : { cwd: folder }),
    env,
    exitCodes,
  };
}

/** A program named by a path, not one that is looked up in PATH. */
function isRelativePath(command: string): boolean {
  return !path.isAbsolute(command) && (command.includes('/') || command.includes(path.sep));
}

/** Names of programs have no blanks; a path that begins as one may. */
function isCommandLine(command: string): boolean {
  return /\S\s+\S/.test(command) && !/^[^\s]*[/\\]/.test(command);
}

function reportCommandLine(command: string, place: ConfigPlace): void {
  place.child(0).report({
    value: command,
    message: `${place.show(command)} is looked up as the name of one program, blanks included: no shell splits it`,
    allowed: "the program alone, then each of its arguments; a path with blanks begins with './' or '/'",
    remedy: "write every argument as its own text, such as ['python', '-m', 'desk.main']",
  });
}

function fromFolder(file: string, { folder }: ResolveScope): string {
  return folder === undefined ? file : path.resolve(folder, file);
}

function readVariables(value: unknown, place: ConfigPlace, scope: ResolveScope): Record<string, string> {
  const variables: Record<string, string> = {};
  if (value === undefined) return variables;
  if (!isRawObject(value)) {
    place.report({
      value: hidden,
      message: `${kindOf(value)} is not a set of variables`,
      allowed: "names with a text or a reference: { MODE: 'paper', TOKEN: { env: 'BROKER_TOKEN' } }",
      remedy: 'write one entry for each variable',
    });
    return variables;
  }
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    const text = isVariableName(name, place.child(name))
      ? readVariable(entry, place.child(name), scope)
      : undefined;
    if (text !== undefined) variables[name] = text;
  }
  return variables;
}

function isVariableName(name: string, place: ConfigPlace): boolean {
  const reserved = reservedVariables.includes(name);
  if (!reserved && /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(name)) return true;
  place.report({
    value: name,
    message: reserved ? `${name} is set by the engine` : `${place.show(name)} is not a name of a variable`,
    allowed: `letters, digits and '_', not beginning with a digit; not ${reservedVariables.join(' or ')}`,
    remedy: 'choose another name',
  });
  return false;
}

function readVariable(entry: unknown, place: ConfigPlace, scope: ResolveScope): string | undefined {
  if (typeof entry === 'string' && !entry.includes('\0')) return entry;
  if (isRawObject(entry)) {
    const name = entry['env'];
    if (typeof name === 'string') {
      reportUnknownKeys(entry, ['env'], place);
      return readSecret(name, place, scope)?.reveal();
    }
  }
  place.report({
    value: hidden,
    message: `${kindOf(entry)} is not a text or a reference`,
    allowed: "a text, or { env: 'NAME' } for the value of the engine's own variable NAME",
    remedy: 'put numbers and true or false in quotes; write secrets as a reference',
  });
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function readExitCodes(value: unknown, place: ConfigPlace): CommandWork['exitCodes'] {
  const meanings: Record<string, 'success' | 'failure'> = {};
  if (value === undefined) return meanings;
  if (!isRawObject(value)) {
    reportExitCode(value, place, `${place.show(value)} is not a set of exit codes`);
    return meanings;
  }
  for (const [code, meaning] of Object.entries(value)) {
    const at = place.child(code);
    const number = /^\d{1,3}$/.test(code) ? Number(code) : Number.NaN;
    if (!(number <= 255)) reportExitCode(meaning, at, `${at.show(code)} is not an exit code`);
    else if (meaning !== 'success' && meaning !== 'failure') {
      reportExitCode(meaning, at, `${at.show(meaning)} is not the meaning of an exit code`);
    } else if (number === 0 && meaning === 'failure') reportExitCode(meaning, at, '0 always means success');
    else meanings[String(number)] = meaning;
  }
  return meanings;
}

function reportExitCode(value: unknown, place: ConfigPlace, message: string): void {
  place.report({
    value,
    message,
    allowed: "codes from 1 to 255 with 'success' or 'failure', such as { '3': 'success' }",
    remedy: 'correct the code or its meaning; codes that are not listed are failures',
  });
}

function readIsolated(value: RawObject, place: ConfigPlace, scope: ResolveScope): IsolatedWork | undefined {
  reportUnknownKeys(value, ['isolated'], place);
  const at = place.child('isolated');
  const raw = value['isolated'];
  if (!isRawObject(raw)) {
    at.report({
      value: raw,
      message: `${at.show(raw)} does not name a function`,
      allowed: "{ module: './jobs/score.ts', export: 'score' }",
      remedy: 'name the module and the function it exports',
    });
    return undefined;
  }
  const { module, export: exported } = readFields(isolatedSchema, raw, at);
  const file = module === undefined ? undefined : moduleFile(module, at.child('module'), scope);
  return file === undefined || exported === undefined
    ? undefined
    : { kind: 'isolated', module: file, export: exported };
}

function readKeepWork(value: RawObject, place: ConfigPlace): KeepWork | undefined {
  const { keep, sources, full } = readFields(keepWorkSchema, value, place);
  if (keep === undefined) return undefined;
  return { kind: 'keep', act: keep, ...(sources === undefined ? {} : { sources }), full: full ?? false };
}

function moduleFile(module: string, place: ConfigPlace, scope: ResolveScope): string | undefined {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(module)) return fromFolder(module, scope);
  try {
    return fileURLToPath(module);
  } catch {
    place.report({
      value: module,
      message: `${place.show(module)} is not a file`,
      allowed: 'a path, absolute or relative to the config, or a file URL',
      remedy: 'name a file on this machine; export the function from there',
    });
    return undefined;
  }
}
