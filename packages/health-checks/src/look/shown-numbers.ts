/** A duration as messages show it: `850 ms`, `12.5 s`, `7 min`, `3 h`, `12 d`. */
export function shownMs(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 120_000) return `${rounded(ms / 1_000)} s`;
  if (size < 7_200_000) return `${rounded(ms / 60_000)} min`;
  if (size < 172_800_000) return `${rounded(ms / 3_600_000)} h`;
  return `${rounded(ms / 86_400_000)} d`;
}

/** A number of bytes as messages show it: `512 B`, `12.3 kB`, `4.1 GB`; powers of 1,000. */
export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${rounded(bytes / 1_000 ** power)} ${units[power] ?? 'B'}`;
}

/** A count with separators: `20,431`. */
export function shownCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** At most one digit after the point, and none where it would be 0. */
export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
