import { uuidv7 } from '../../kernel/ids.ts';
import { systemClock } from './system-clock.ts';
import { systemRandomness } from './system-randomness.ts';

/** A new time-ordered id (UUIDv7) from the machine's clock and randomness. */
export function randomId(): string {
  return uuidv7(systemClock.now(), systemRandomness.bytes(10));
}
