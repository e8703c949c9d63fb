import type { Statement } from './sql-statement.ts';

/** One write of a commit. A dialect runs the steps of all changes in order, in one transaction. */
export interface Step {
  readonly statement: Statement<object>;
  readonly values: object;
  /** What it means when no row was touched: nothing, a conflict, or that another step is to be run instead. */
  readonly whenNone: 'nothing' | 'conflict' | Step;
}

/** A step whose values fit its statement. */
export function step<P extends object>(
  statement: Statement<P>,
  values: P,
  whenNone: Step['whenNone'] = 'nothing',
): Step {
  // The pair was checked here; a list of steps forgets the parameter type.
  return { statement: statement as unknown as Statement<object>, values, whenNone };
}
