import { randomId } from '../../adapters/clock-system/random-id.ts';
import type { Hold } from '../../keep/retention/hold.ts';
import { standingHolds } from '../../keep/retention/hold-rules.ts';
import { addHold, endHold, readHoldLines } from '../../keep/retention/holds-file.ts';
import { type KeepDesk, requireBackupConfig } from './keep-desk.ts';

/** Short enough to be typed by an operator. */
const ID_CHARACTERS = 8;

/** Files of the sources that are to be kept whatever the rules say. */
export interface FileHoldWish {
  /** Relative to a source. */
  readonly globs: readonly string[];
  readonly reason: string;
  readonly owner: string;
  /** Instant at which it ends by itself, ms; absent: never. */
  readonly untilMs?: number | undefined;
}

/** The holds on files of the sources that stand now, those on restored files among them. @throws SYS-0161. */
export function fileHolds({ services, stateFolder }: KeepDesk): readonly Hold[] {
  return standingHolds(readHoldLines(services.files, stateFolder), services.clock.now());
}

/**
 * Holds files of the sources, and what of them is in the backups, from the next batch of a deletion on.
 * @throws INP-0806, INP-0822 naming the field, SYS-0161.
 */
export function holdFilesHere(desk: KeepDesk, wish: FileHoldWish): Hold {
  requireBackupConfig(desk);
  const { services, stateFolder } = desk;
  const id = randomId().slice(-ID_CHARACTERS);
  return addHold(services.files, stateFolder, { request: { ...wish, id }, nowMs: services.clock.now() });
}

/** Ends a hold; its lines stay on record. @throws INP-0822, INP-0823 when none that stands has the id, SYS-0161. */
export function releaseFilesHere(
  { services, stateFolder }: KeepDesk,
  release: { readonly id: string; readonly reason: string; readonly operator: string },
): void {
  endHold(services.files, stateFolder, { ...release, nowMs: services.clock.now() });
}
