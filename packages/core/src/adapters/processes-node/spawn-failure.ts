import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { WorkOutcome } from '../../ports/work-runner.ts';
import { notStarted } from '../../run/executions/work-errors.ts';

/** Longest single argument or variable that Linux passes to a program. */
const TEXT_MAX_BYTES = 128 * 1024;

/** What a child is started with. */
export interface SpawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What can be said before trying: an unusable text, or a working folder that is not there. Values are never shown. */
export function spawnProblem(spec: SpawnSpec): WorkOutcome | undefined {
  const field = unusableField(spec);
  if (field !== undefined) {
    const message = `${field}; allowed: text without NUL characters, names without "="; correct the target`;
    return notStarted('INP-0401', message, { field });
  }
  const folder = folderProblem(spec.cwd);
  if (folder === undefined) return undefined;
  const message = `cwd: "${spec.cwd}" ${folder}; allowed: an existing folder that the engine may enter; create it or correct cwd`;
  return notStarted('BAT-0402', message, { cwd: spec.cwd });
}

/** Says why the system refused to start a program. */
export function spawnFailure(error: unknown, spec: SpawnSpec): WorkOutcome {
  const code = errorCode(error);
  const command = `command: "${spec.command}"`;
  const detail = { command: spec.command, systemCode: code };
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return notStarted('BAT-0401', `${command} ${notFoundReason(spec)}`, detail);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOEXEC') {
    const message = `${command} may not be run (${code}); allowed: an executable file; run chmod +x or name the interpreter`;
    return notStarted('BAT-0404', message, detail);
  }
  if (code === 'E2BIG') {
    const largest = largestField(spec);
    const message = `${largest.field}: ${largest.bytes} bytes; allowed: ${TEXT_MAX_BYTES} each and the limit of the system in all; hand it over in a file`;
    return notStarted('BAT-0405', message, { ...detail, ...largest });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return notStarted(
    'SYS-0402',
    `${command} could not be started now (${code}): ${reason}; check limits and load`,
    detail,
  );
}

/** The system's word for an error, such as `ENOENT`. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}

function notFoundReason(spec: SpawnSpec): string {
  if (!spec.command.includes('/')) {
    return `was not found; looked in PATH ${spec.env['PATH'] ?? '(unset)'}; install it or write its absolute path`;
  }
  const path = isAbsolute(spec.command) ? spec.command : resolve(spec.cwd, spec.command);
  if (existsSync(path))
    return `exists, but the interpreter that its first line names does not; install or correct it`;
  return `was not found at ${path}; allowed: the path of a program; correct it`;
}

function unusableField(spec: SpawnSpec): string | undefined {
  if (spec.command === '') return 'command: empty';
  if (spec.command.includes('\0')) return 'command: holds a NUL character';
  if (spec.cwd.includes('\0')) return 'cwd: holds a NUL character';
  const argument = spec.args.findIndex((text) => text.includes('\0'));
  if (argument >= 0) return `args[${argument}]: holds a NUL character`;
  for (const [name, value] of Object.entries(spec.env)) {
    if (name === '' || name.includes('=') || name.includes('\0'))
      return `env: ${JSON.stringify(name)} is no name`;
    if (value?.includes('\0')) return `env.${name}: holds a NUL character`;
  }
  return undefined;
}

function folderProblem(cwd: string): string | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return 'is not a folder';
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' ? 'does not exist' : `may not be entered (${code})`;
  }
}

function largestField(spec: SpawnSpec): { field: string; bytes: number } {
  const fields = [
    ...spec.args.map((text, index) => ({ field: `args[${index}]`, bytes: Buffer.byteLength(text) + 1 })),
    ...Object.entries(spec.env).map(([name, value]) => {
      return {
        field: `env.${name}`,
        bytes: value === undefined ? 0 : Buffer.byteLength(`${name}=${value}`) + 1,
      };
    }),
  ];
  return fields.reduce((a, b) => (b.bytes > a.bytes ? b : a), {
    field: 'command',
    bytes: Buffer.byteLength(spec.command),
  });
}
