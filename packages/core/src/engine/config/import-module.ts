/** So long a configuration or a plugin may take to load, ms. */
export const LOADING_MS = 60_000;

/** A module that was asked for and never finished loading: it waits for something at its top level. */
export class LoadingTimeout extends Error {
  override readonly name = 'LoadingTimeout';

  constructor(timeoutMs: number) {
    super(`did not finish loading within ${timeoutMs / 1000} s`);
  }
}

/**
 * Imports a module, at most for a time. Without an end, a module that waits for what never comes would end the whole
 * program without a word and with the exit code of success, because nothing is left to do.
 * @throws LoadingTimeout, or what the module threw.
 */
export async function importModule(
  url: string,
  timeoutMs = LOADING_MS,
): Promise<Readonly<Record<string, unknown>>> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new LoadingTimeout(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([import(url), promise]);
  } finally {
    clearTimeout(timer);
  }
}
