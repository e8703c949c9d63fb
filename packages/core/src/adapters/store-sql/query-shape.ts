/** Which filters of a query are given; queries of one shape share their compiled statements. */
export type Shape<F extends object> = ReadonlySet<keyof F & string>;

/** The first `max` rows of an answer: absent means `fallback`, and nothing asks for more than `max`. */
export function boundedLimit(limit: number | undefined, fallback = 100, max = 1000): number {
  return Math.min(Math.max(Math.trunc(limit ?? fallback), 1), max);
}

/**
 * Compiles once for every shape that is asked for; there are only as many as combinations of filters.
 * The values of `literals` (of few possible values each) belong to the shape: they stand in the text of the query.
 */
export function byShape<F extends object, S>(
  literals: ReadonlyArray<keyof F & string>,
  compile: (shape: Shape<F>, filters: F) => S,
): (filters: F) => S {
  const compiled = new Map<string, S>();
  return (filters) => {
    const names = presentNames(filters);
    const key = names
      .map((name) => (literals.includes(name) ? `${name}=${String(filters[name])}` : name))
      .join(',');
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const statements = compile(new Set(names), filters);
    compiled.set(key, statements);
    return statements;
  };
}

function presentNames<F extends object>(filters: F): Array<keyof F & string> {
  // The keys of a plain object are its property names.
  return (Object.keys(filters) as Array<keyof F & string>).filter((name) => filters[name] !== undefined);
}
