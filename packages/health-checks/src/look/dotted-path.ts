/** The value at a dotted path such as `data.items.0.price`; undefined when there is none. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** What a dotted path may look like in an option. */
export const DOTTED_PATH = /^[^.\s]+(?:\.[^.\s]+)*$/;
