/** Keeps files whatever the rules say, until it is released or its end has come. */
export interface Hold {
  readonly id: string;
  /** `legal`: somebody must keep it. `restored`: it was restored and must not be deleted again. */
  readonly kind: 'legal' | 'restored';
  /** Glob on the path relative to the data set; for `restored` exact paths. */
  readonly globs: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly atMs: number;
  /** Absent: until it is released. */
  readonly untilMs?: number;
}

/** One line of the holds file; only ever added. */
export type HoldLine =
  | ({ readonly act: 'hold' } & Hold)
  | {
      readonly act: 'release';
      readonly id: string;
      readonly reason: string;
      readonly operator: string;
      readonly atMs: number;
    };

/** What somebody asks to hold. */
export interface HoldRequest {
  readonly id: string;
  readonly kind?: Hold['kind'] | undefined;
  readonly globs: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly untilMs?: number | undefined;
}
