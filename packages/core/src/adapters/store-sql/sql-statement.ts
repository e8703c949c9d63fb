import {
  type Compilable,
  DummyDriver,
  Kysely,
  type QueryCompiler,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import type { StoreSchema } from './store-schema.ts';

/** What a column can hold; absent and `null` are both stored as NULL. */
export type SqlValue = string | number | Uint8Array | null;

/** A query that was compiled once: its text and the names of its parameters in order. `R` is the type of its rows. */
export interface Statement<P extends object, R = unknown> {
  readonly sql: string;
  readonly parameters: ReadonlyArray<SqlConstant | (keyof P & string)>;
  /** Never present; carries the row type. */
  readonly row?: R;
}

/** A value that stands in the query itself. */
export interface SqlConstant {
  readonly constant: SqlValue;
}

/** What differs between databases: how a query is written down, and how a JSON list is unfolded. */
export interface SqlDialect {
  /** Compiles a query; `parameters` stands for the values bound at run time, property by property. */
  readonly statement: <P extends object, R>(
    build: (db: Kysely<StoreSchema>, parameters: P) => Compilable<R>,
  ) => Statement<P, R>;
  /** The texts of a JSON array parameter as a subquery for `in`. */
  readonly eachText: (jsonArray: string) => RawBuilder<string>;
}

/** Stands where a value will be bound. */
class ParameterMarker {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The dialect of SQLite, without a connection: it only writes queries. */
export const sqliteDialect: SqlDialect = dialect(new SqliteQueryCompiler(), (jsonArray) => {
  return sql<string>`(select value from json_each(${jsonArray}))`;
});

/** A text written into the query, where a partial index needs to see it. */
export function literal<T extends string>(text: T): RawBuilder<T> {
  return sql.lit(text);
}

/** The parameters of all given columns, for an insert or an update of a whole row. */
export function pick<P extends object, K extends keyof P>(parameters: P, columns: readonly K[]): Pick<P, K> {
  // The entries are exactly the named columns, which fromEntries cannot express.
  return Object.fromEntries(columns.map((column) => [column, parameters[column]])) as Pick<P, K>;
}

/** The values of a compiled query in the order of its parameters. */
export function bind<P extends object>(statement: Statement<P>, values: P): SqlValue[] {
  const bound: SqlValue[] = [];
  for (const parameter of statement.parameters) {
    if (typeof parameter !== 'string') bound.push(parameter.constant);
    // Rows are declared with storable columns only; the index access loses that.
    else bound.push((values[parameter] as SqlValue | undefined) ?? null);
  }
  return bound;
}

function dialect(compiler: QueryCompiler, eachText: SqlDialect['eachText']): SqlDialect {
  const db = new Kysely<StoreSchema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (introspected) => new SqliteIntrospector(introspected),
      createQueryCompiler: () => compiler,
    },
  });
  return {
    statement<P extends object, R>(build: (db: Kysely<StoreSchema>, parameters: P) => Compilable<R>) {
      const compiled = build(db, markers<P>()).compile();
      const parameters = compiled.parameters.map((value) => {
        // Markers are made from property names of P; everything else was written as a constant by a query.
        if (value instanceof ParameterMarker) return value.name as keyof P & string;
        return { constant: value as SqlValue };
      });
      return { sql: compiled.sql, parameters };
    },
    eachText,
  };
}

/** An object that answers every property with the marker of that name. */
function markers<P extends object>(): P {
  // A marker takes the place of the value until run time: to the query builder it has the value's type.
  return new Proxy({}, { get: (_, name) => new ParameterMarker(String(name)) }) as P;
}
