/** Thrown when the demo cannot go on; its message says what is wrong and what to do, and needs no stack. */
export class DemoProblem extends Error {
  override readonly name = 'DemoProblem';
}
