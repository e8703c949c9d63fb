import { opsException, parseDurationMs } from '@qts-ops/core/client';

/** A text longer than this is cut where it is shown. */
const SHOWN_CHARACTERS = 40;

/** An option whose value is a duration. */
export interface DurationOption {
  /** As it is typed: `--for`. */
  readonly option: string;
  readonly text: string;
  /** Shown as what is allowed: `90d or 12h`. */
  readonly examples: string;
  /** True where no time at all is a wish, too. Default: it is refused. */
  readonly zero?: boolean;
}

/** A duration that was typed, ms. @throws INP-0313 naming the option, what was typed and what is allowed. */
export function durationOption({ option, text, examples, zero = false }: DurationOption): number {
  try {
    const ms = parseDurationMs(text);
    if (ms > 0 || zero) return ms;
  } catch {
    // Told below, as zero is.
  }
  const allowed = `a duration${zero ? '' : ' above zero'}, such as ${examples}`;
  throw opsException('INP-0313', `${option}: ${text.slice(0, SHOWN_CHARACTERS)}; allowed: ${allowed}`);
}
