import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { redact } from '../../kernel/secret.ts';
import { configError } from './config-errors.ts';
import type { ConfigInput } from './config-input.ts';
import { importModule } from './import-module.ts';
import { loadFailure } from './load-failure.ts';
import { loadPlugins } from './load-plugins.ts';
import type { OpsConfig } from './ops-config.ts';
import { readDocument } from './read-document.ts';
import { readTextFile, systemReason } from './read-text.ts';
import { configProblems, type ResolveContext, requireConfig } from './resolve-config.ts';
import { shareRunningCopy, treatAsModule } from './resolve-hook.ts';
import { hiddenValues } from './resolve-scope.ts';

/** What a program may decide about loading; everything has a default. */
export interface LoadOptions {
  /** Variables that secrets may refer to; default: the variables of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How long a TypeScript or JavaScript file may take to load, ms; default: 60 s. */
  readonly timeoutMs?: number | undefined;
}

/** What a program may decide about a config it made itself. */
export interface CreateConfigOptions extends Pick<LoadOptions, 'env'> {
  /** Absolute folder where relative paths start; default: they start where the program does. */
  readonly folder?: string | undefined;
}

/**
 * Loads a config file: TypeScript and JavaScript are evaluated, YAML and JSON are read.
 * @throws InputDataException INP-0603 when it cannot be loaded, INP-0305 with every problem when it cannot be used.
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<OpsConfig> {
  const env = options.env ?? process.env;
  const configPath = existingFile(path.resolve(file));
  const context: ResolveContext = { env, nowMs: Date.now(), configPath };
  const extension = path.extname(configPath);
  if (['.ts', '.mts', '.js', '.mjs'].includes(extension)) {
    return requireConfig(await evaluate(configPath, env, options.timeoutMs), context);
  }
  if (['.yaml', '.yml', '.json'].includes(extension)) {
    const read = readDocument(readText(configPath));
    if (!read.ok) throw configProblems(configPath, read.problems);
    const { lineOf } = read;
    const sink = { problems: [], hidden: hiddenValues(read.value, env), lineOf };
    const value = await loadPlugins(read.value, configPath, sink);
    return requireConfig(value, { ...context, lineOf, earlier: sink.problems });
  }
  throw configError(
    'INP-0603',
    `${configPath}: '${extension}' is not the ending of a config; allowed: .ts, .mts, .js, .mjs, .yaml, .yml, .json; remedy: rename the file`,
    { data: { config: configPath } },
  );
}

/**
 * Checks a config that a program made itself.
 * @throws InputDataException INP-0305 with every problem.
 */
export function createConfig(input: ConfigInput, options: CreateConfigOptions = {}): OpsConfig {
  return requireConfig(input, { env: options.env ?? process.env, nowMs: Date.now(), folder: options.folder });
}

/** The file behind links, because modules know themselves by that path. */
function existingFile(file: string): string {
  try {
    const real = realpathSync(file);
    if (statSync(real).isFile()) return real;
  } catch (error) {
    throw configError(
      'INP-0603',
      `${file}: ${systemReason(error)}; remedy: correct the path or its permissions`,
      {
        data: { config: file },
        cause: error,
      },
    );
  }
  throw configError('INP-0603', `${file}: is not a file; remedy: name the config file itself`, {
    data: { config: file },
  });
}

function readText(file: string): string {
  const read = readTextFile(file);
  if (read.ok) return read.text;
  const { reason, cause } = read;
  const remedy = reason.startsWith('larger')
    ? 'write a TypeScript config that builds the targets'
    : 'make it readable for this user';
  throw configError('INP-0603', `${file}: ${reason}; remedy: ${remedy}`, { data: { config: file }, cause });
}

async function evaluate(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  timeoutMs: number | undefined,
): Promise<unknown> {
  const url = pathToFileURL(file).href;
  shareRunningCopy();
  // `export default` says more about the file than a package.json that may belong to something else.
  if (/^\s*export\s+default\b|^\s*export\s*\{/m.test(readText(file))) treatAsModule(url);
  let loaded: { readonly default?: unknown };
  try {
    loaded = await importModule(url, timeoutMs);
  } catch (error) {
    // A config may have put a secret into the text of its error.
    const hidden = hiddenValues(undefined, env);
    throw loadFailure(file, error, (text) => redact(text, hidden));
  }
  if (loaded.default !== undefined) return loaded.default;
  throw configError(
    'INP-0603',
    `${file}: has no default export; remedy: write 'export default defineConfig({ … })'`,
    { data: { config: file } },
  );
}
