/** Keeps the captured output of one execution beyond what fits its row. */
export interface OutputFiles {
  /**
   * Writes `text` under the execution's id (temp, fsync, rename) and returns the path relative to the state folder;
   * absent where no files are kept.
   */
  save(executionId: string, text: string): Promise<string | undefined>;
  /** Reads a file that `save` wrote; absent when it is gone. */
  read(path: string): Promise<string | undefined>;
}
