import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../adapters/files-node/folder-maker.ts';
import { configError } from './config-errors.ts';
import { configsIn, stateFolderName } from './find-config.ts';
import { type ConfigFormat, configTemplate } from './init-templates.ts';

export type { ConfigFormat } from './init-templates.ts';

/** What `initConfig` wrote, as absolute paths. */
export interface InitResult {
  readonly configPath: string;
  /** Every file that was written or extended, the config first. */
  readonly files: readonly string[];
}

const maxInstanceLength = 40;

/**
 * Writes a config that runs as it is, and a line in `.gitignore` for the state folder. Nothing is overwritten.
 * @throws InputDataException INP-0604 when the folder holds a config, INP-0605 when it cannot be written to.
 */
export function initConfig(folder: string, options: { readonly format: ConfigFormat }): InitResult {
  const home = path.resolve(folder);
  const found = configsIn(home);
  if (found.length > 0) {
    throw configError(
      'INP-0604',
      `${home} holds ${found.join(' and ')}; allowed: a folder without a config; remedy: use it, or move it away first`,
      { data: { folder: home, found: [...found] } },
    );
  }
  const configPath = path.join(home, `qts-ops.config.${options.format}`);
  try {
    makeFolders(home, 0o777);
    writeFileSync(configPath, configTemplate(options.format, instanceOf(home)), { flag: 'wx' });
    return { configPath, files: [configPath, ...ignoreStateFolder(home)] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw configError('INP-0605', `${home}: ${reason}; remedy: choose a folder that this user may write to`, {
      data: { folder: home },
      cause: error,
    });
  }
}

/** The folder's name as far as every format can carry it unquoted inside quotes. */
function instanceOf(folder: string): string {
  const name = path
    .basename(folder)
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  const cut = Array.from(name).slice(0, maxInstanceLength).join('');
  return cut === '' ? 'qts-ops' : cut;
}

function ignoreStateFolder(folder: string): readonly string[] {
  const file = path.join(folder, '.gitignore');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const ignored = before.split(/\r?\n/).some((line) => /^\/?\.qts-ops\/?$/.test(line.trim()));
  if (ignored) return [];
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  writeFileSync(file, `${separator}${stateFolderName}/\n`, { flag: 'a' });
  return [file];
}
