import { randomBytes } from 'node:crypto';
import type { Randomness } from '../../ports/randomness.ts';

/** Random bytes of the operating system. */
export const systemRandomness: Randomness = { bytes: (count) => randomBytes(count) };
