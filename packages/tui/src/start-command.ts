interface Asked {
  /** The option `--state`, as it was written. */
  readonly state: string | undefined;
  /** The folder it means; absent when a socket was named. */
  readonly stateFolder: string | undefined;
}

/** What starts the engine that was asked for: without its folder, where one was named, another would be started. */
export function startCommandOf({ state, stateFolder }: Asked): string {
  if (state === undefined || stateFolder === undefined) return 'qts-ops run';
  const isPlainWord = /^[\w./+-]+$/.test(stateFolder);
  const word = isPlainWord ? stateFolder : `'${stateFolder.replaceAll("'", "'\\''")}'`;
  return `qts-ops run --state ${word}`;
}
