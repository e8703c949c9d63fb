import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { isPlugin } from '../../ports/plugin-entries.ts';
import { ConfigPlace, type ProblemSink } from './config-place.ts';
import { importModule } from './import-module.ts';
import { nearestWord } from './nearest-word.ts';
import { isRawObject, type RawObject, reportUnknownKeys } from './read-fields.ts';

/**
 * A YAML or JSON config with its plugins loaded: every `{ use, with }` of `plugins` and `checks` becomes what the
 * named function returns. Only what is named is loaded, nothing is searched for or installed. Problems are added
 * to the sink; such an entry is left out.
 */
export async function loadPlugins(input: unknown, configPath: string, sink: ProblemSink): Promise<unknown> {
  if (!isRawObject(input)) return input;
  const place = new ConfigPlace(sink);
  const loaded: Record<string, unknown> = { ...input };
  for (const key of ['plugins', 'checks']) {
    const list = input[key];
    if (!Array.isArray(list)) continue;
    const entries: unknown[] = [];
    for (const [index, entry] of list.entries()) {
      if (!isRawObject(entry) || entry['use'] === undefined) entries.push(entry);
      else entries.push(...(await loadPlugin(entry, place.child(key).child(index), configPath)));
    }
    loaded[key] = entries;
  }
  return loaded;
}

async function loadPlugin(
  entry: RawObject,
  place: ConfigPlace,
  configPath: string,
): Promise<readonly unknown[]> {
  reportUnknownKeys(entry, ['use', 'export', 'with'], place);
  const use = entry['use'];
  const options = entry['with'] ?? {};
  if (typeof use !== 'string' || use === '' || !isRawObject(options)) {
    place.report({
      value: use,
      message:
        typeof use === 'string' ? "'with' is not a set of options" : `${place.show(use)} is not a package`,
      allowed: "{ use: '@qts-ops/alert-slack', with: { … } }",
      remedy: 'correct the entry',
    });
    return [];
  }
  const module = await importPlugin(use, place.child('use'), configPath);
  if (module === undefined) return [];
  const name = typeof entry['export'] === 'string' ? entry['export'] : lastWord(use);
  const make = module[name];
  if (typeof make !== 'function') {
    const functions = Object.keys(module).filter((key) => typeof module[key] === 'function');
    place.child('export').report({
      value: name,
      message: `'${name}' is not a function of ${use}`,
      allowed: functions.slice(0, 30).join(', ') || 'a module that exports plugin functions',
      remedy: "name the function in 'export'",
    });
    return [];
  }
  return callPlugin(() => make(options), place.child('with'));
}

async function importPlugin(
  use: string,
  place: ConfigPlace,
  configPath: string,
): Promise<RawObject | undefined> {
  const isFile = use.startsWith('.') || path.isAbsolute(use);
  try {
    const file = isFile
      ? path.resolve(path.dirname(configPath), use)
      : createRequire(configPath).resolve(use);
    return await importModule(pathToFileURL(file).href);
  } catch (error) {
    const isMissing =
      error instanceof Error &&
      'code' in error &&
      /MODULE_NOT_FOUND|ERR_PACKAGE_PATH/.test(String(error.code));
    place.report({
      value: use,
      message: isMissing ? `${use} is not installed` : `${use} cannot be loaded: ${textOf(error)}`,
      allowed: "an installed package, or a path relative to the config's folder",
      remedy: isFile ? 'correct the path' : remedyForPackage(use),
    });
    return undefined;
  }
}

const ownPackages = ['alert-email', 'alert-slack', 'alert-webhook', 'health-checks'];

/** Nobody is told to install what merely sounds like a package of ours: anybody could have published that. */
function remedyForPackage(use: string): string {
  const near = nearestWord(use.replace(/^@[^/]*\//, ''), ownPackages);
  const meant = near === undefined ? use : `@qts-ops/${near}`;
  return meant === use ? `run 'npm install ${use}' in the folder of the config` : `did you mean '${meant}'?`;
}

function callPlugin(make: () => unknown, place: ConfigPlace): readonly unknown[] {
  try {
    const plugin = make();
    if (isPlugin(plugin)) return [plugin];
    place.report({
      value: undefined,
      message: 'the function did not return a plugin',
      allowed: 'a function made with defineAlertChannel or defineHealthCheck',
      remedy: 'name another function',
    });
  } catch (error) {
    place.report({
      value: undefined,
      message: textOf(error),
      allowed: isOpsException(error) ? 'what the message says' : 'options that the plugin takes',
      remedy: 'correct the options',
    });
  }
  return [];
}

/** `slack` of `@qts-ops/alert-slack`. */
function lastWord(use: string): string {
  const base = path.basename(use, path.extname(use));
  return base.slice(base.lastIndexOf('-') + 1);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
