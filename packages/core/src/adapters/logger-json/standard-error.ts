/** Writes a line to standard error; a closed one is not worth a crash. */
export function writeStandardError(line: string): void {
  if (process.stderr.writable) process.stderr.write(line);
}
