let guarded = false;

/** Writes a line to standard error; a closed one is not worth a crash. */
export function writeStandardError(line: string): void {
  if (!guarded) {
    guarded = true;
    // Without a listener a reader that has gone away would end this process.
    process.stderr.on('error', () => {});
  }
  if (process.stderr.writable) process.stderr.write(line);
}
