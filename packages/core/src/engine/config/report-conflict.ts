import { formatExactDuration } from '../../kernel/duration.ts';
import type { ConfigPlace } from './config-place.ts';

/** Reports a value that says the same as another one in another way. */
export function reportDoubled(place: ConfigPlace, value: unknown, message: string): void {
  place.report({ value, message, allowed: 'one of the two', remedy: 'remove one of them' });
}

/** Reports a limit that is less than what it limits; nothing when one of the two was not written. */
export function reportAbove(
  place: ConfigPlace,
  { least, most, name }: { least: number | undefined; most: number | undefined; name: string },
): void {
  if (least === undefined || most === undefined || least <= most) return;
  place.report({
    value: most,
    message: `${formatExactDuration(most)} is less than '${name}' (${formatExactDuration(least)})`,
    allowed: `at least '${name}'`,
    remedy: `raise the limit, or lower '${name}'`,
  });
}
