import { type ResolveHookContext, registerHooks } from 'node:module';

const scope = '@qts-ops/';
const core = '@qts-ops/core';
const sourceCondition = '@qts-ops/source';

/** Files that are ES modules whatever the package.json near them says. */
const modules = new Set<string>();
let installed = false;

/**
 * Gives configs, plugins and isolated modules outside this installation the running copy of `@qts-ops/core`, and the
 * plugins installed beside it. Once for the process; calling it again changes nothing.
 */
export function shareRunningCopy(): void {
  if (installed) return;
  installed = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!specifier.startsWith(scope)) {
        const found = nextResolve(specifier, context);
        return modules.has(found.url) ? { ...found, format: moduleFormat(found.url) } : found;
      }
      // A second copy of core would have its own secrets and error catalogue, so core is never looked up elsewhere.
      if (isCore(specifier)) return nextResolve(specifier, fromRunningCopy(context));
      try {
        return nextResolve(specifier, context);
      } catch {
        return nextResolve(specifier, fromRunningCopy(context));
      }
    },
  });
}

/** Arguments with which a child `node` does the same before it loads anything else. */
export function runningCopyArguments(): readonly string[] {
  const entry = new URL(`./resolve-hook-entry.${fromSources() ? 'ts' : 'js'}`, import.meta.url);
  return ['--import', entry.href];
}

/** Lets the file at a URL be loaded as an ES module even beside a package.json that says `commonjs` or nothing. */
export function treatAsModule(url: string): void {
  modules.add(url);
}

function isCore(specifier: string): boolean {
  return specifier === core || specifier.startsWith(`${core}/`);
}

function fromRunningCopy(context: ResolveHookContext): Partial<ResolveHookContext> {
  const add = fromSources() && !context.conditions.includes(sourceCondition);
  const conditions = add ? [...context.conditions, sourceCondition] : context.conditions;
  return { ...context, conditions, parentURL: import.meta.url };
}

function fromSources(): boolean {
  return import.meta.url.endsWith('.ts');
}

function moduleFormat(url: string): string {
  return /\.m?ts$/.test(url) ? 'module-typescript' : 'module';
}
