/** One thing that was looked at. */
export interface DoctorCheck {
  /** Short name of what was looked at: `store`, `clock`. */
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found, with the values that were seen. */
  readonly text: string;
  /** What to do about it; absent for `ok`. */
  readonly remedy?: string;
}

/** All is well. */
export function ok(id: string, text: string): DoctorCheck {
  return { id, status: 'ok', text };
}

/** It works today, but needs a person soon. */
export function warn(id: string, text: string, remedy: string): DoctorCheck {
  return { id, status: 'warn', text, remedy };
}

/** Something does not work, or will not. */
export function fail(id: string, text: string, remedy: string): DoctorCheck {
  return { id, status: 'fail', text, remedy };
}

/** What an error says, in one text. */
export function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** There is nothing that an engine could be started with. */
export function noConfigCheck(folder: string): DoctorCheck {
  return fail(
    'config',
    `no qts-ops.config.* in ${folder} or above it`,
    'change to its folder, name it with --config, or run qts-ops init',
  );
}
