import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_NOW_MS, type LookedAt } from '@qts-ops/core/testing';
import { temporaryFolder } from './temporary-folder.ts';

/** Something to look at that needs no end. */
export function lookedAt<I>(options: I, more: Partial<LookedAt<I>> = {}): LookedAt<I> {
  return { options, [Symbol.asyncDispose]: async () => undefined, ...more };
}

/** Something to look at in a new folder, whose picture is every name and content in it. */
export function lookedAtFolder<I>(make: (folder: string) => I): LookedAt<I> {
  const folder = temporaryFolder();
  return lookedAt(make(folder.path), {
    picture: () => pictureOf(folder.path),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  });
}

/** Something to look at over a server, which ends with it. */
export function lookedAtServer<I>(
  server: AsyncDisposable & { readonly seen?: () => number },
  options: I,
  more: Partial<LookedAt<I>> = {},
): LookedAt<I> {
  const looks = server.seen === undefined ? {} : { looks: server.seen };
  return lookedAt(options, { ...looks, ...more, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() });
}

/** An instant so long before the one that every contract tells, as files are stamped. */
export function beforeContract(ms: number): Date {
  return new Date(CONTRACT_NOW_MS - ms);
}

function pictureOf(folder: string): unknown {
  return readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return [name, statSync(path).mtimeMs, readFileSync(path, 'utf8')];
  });
}
