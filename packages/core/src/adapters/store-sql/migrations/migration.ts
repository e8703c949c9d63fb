/** One numbered step of the schema. Written once and never changed afterwards; the next change is a new step. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  /** Kebab-case; stands in `schema_migration`. */
  readonly name: string;
  /** Run one by one in one transaction. */
  readonly statements: Iterable<string>;
}
