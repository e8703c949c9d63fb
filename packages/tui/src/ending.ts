/** How the screen ended. */
export interface Ending {
  /** 0 after a quit, 1 after an error, 128 + n after signal n. */
  readonly exitCode: number;
  /** What to say once the terminal is the shell's again. */
  readonly message?: string;
}
