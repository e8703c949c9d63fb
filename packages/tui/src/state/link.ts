/** How this screen stands to its engine. Instants are of this machine's clock, in ms. */
export type Link =
  | { readonly kind: 'connecting'; readonly attempt: number; readonly problem?: string }
  | { readonly kind: 'live' }
  /** Connected, but no message for two beats. */
  | { readonly kind: 'late'; readonly heardAtMs: number }
  | {
      readonly kind: 'lost';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly nextTryAtMs: number;
      readonly problem: string;
    };

/** A beat that is missing for so many intervals makes the link LATE. */
export const LATE_AFTER_BEATS = 2;

/** The word of the header: `LIVE`, `LATE 4s`, `LOST 37s`. */
export function linkWord(link: Link, localMs: number): string {
  if (link.kind === 'live') return 'LIVE';
  if (link.kind === 'connecting') return 'CONNECTING';
  if (link.kind === 'late') return `LATE ${ageSeconds(link.heardAtMs, localMs)}s`;
  return `LOST ${ageSeconds(link.sinceMs, localMs)}s`;
}

/** True when the values on the screen can be taken as the engine's present state. */
export function isFresh(link: Link): boolean {
  return link.kind === 'live' || link.kind === 'late';
}

/** Why no act can be sent now; absent when one can. */
export function linkProblem(link: Link, localMs: number): string | undefined {
  if (link.kind === 'live') return undefined;
  if (link.kind === 'connecting') return 'not connected yet';
  if (link.kind === 'late') {
    return `the engine has not been heard for ${ageSeconds(link.heardAtMs, localMs)} s`;
  }
  return 'connection lost';
}

function ageSeconds(sinceMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - sinceMs) / 1_000));
}
