import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { configError } from './config-errors.ts';

/** Names a config may have, in the order they are looked for. */
export const configFileNames = ['ts', 'mts', 'mjs', 'js', 'yaml', 'yml', 'json'].map(
  (ending) => `qts-ops.config.${ending}`,
);

/** Folder beside the config in which an engine keeps its store, output and socket. */
export const stateFolderName = '.qts-ops';

/** Where a command was started and what it was told. */
export interface StateFolderQuestion {
  /** The option `--state`, absolute or relative to `cwd`. */
  readonly state?: string | undefined;
  /** A config that was named, absolute or relative to `cwd`; the state folder then lies beside it. */
  readonly config?: string | undefined;
  /** Read for QTS_OPS_STATE. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * Absolute path of the nearest config in a folder or above it, found without evaluating it; undefined when there is none.
 * @throws InputDataException INP-0602 when one folder holds several.
 */
export function findConfig(fromFolder: string): string | undefined {
  let folder = path.resolve(fromFolder);
  for (;;) {
    const found = configsIn(folder);
    if (found.length > 1) throw severalConfigs(folder, found);
    if (found[0] !== undefined) return path.join(folder, found[0]);
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** Names of the configs that lie in a folder itself. */
export function configsIn(folder: string): readonly string[] {
  return configFileNames.filter((name) => {
    const file = path.join(folder, name);
    return existsSync(file) && statSync(file).isFile();
  });
}

/**
 * Absolute path of the state folder: `--state`, else QTS_OPS_STATE, else `.qts-ops` beside the named or nearest config.
 * @throws InputDataException INP-0601 when nothing tells, INP-0602 when one folder holds several configs.
 */
export function stateFolderOf({ state, config, env, cwd }: StateFolderQuestion): string {
  const named = nonEmpty(state) ?? nonEmpty(env['QTS_OPS_STATE']);
  if (named !== undefined) return path.resolve(cwd, named);
  const configPath = config === undefined ? findConfig(cwd) : path.resolve(cwd, config);
  if (configPath !== undefined) return path.join(path.dirname(configPath), stateFolderName);
  throw configError(
    'INP-0601',
    `no qts-ops.config.{ts,mts,mjs,js,yaml,yml,json} in ${cwd} or above it, and neither --state nor QTS_OPS_STATE is given; remedy: run 'qts-ops init', change to the folder of the config, or name the state folder`,
    { data: { cwd } },
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function severalConfigs(folder: string, found: readonly string[]) {
  return configError(
    'INP-0602',
    `${folder} holds ${found.join(' and ')}; allowed: one config in a folder; remedy: keep one and move or delete the others, or name one with --config`,
    { data: { folder, found: [...found] } },
  );
}
