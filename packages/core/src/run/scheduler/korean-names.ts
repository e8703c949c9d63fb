const weekdays = ['일', '월', '화', '수', '목', '금', '토'];
const units = [
  ['일', 86_400_000],
  ['시간', 3_600_000],
  ['분', 60_000],
  ['초', 1_000],
  ['밀리초', 1],
] as const;
const ordinals = ['첫째', '둘째', '셋째', '넷째', '다섯째'];

/** One syllable for a weekday, Sunday = 0; `요일` follows it. */
export function weekdaySyllable(weekday: number): string {
  return weekdays[weekday] ?? String(weekday);
}

/** `첫째` to `다섯째`, as weekdays of a month are counted. */
export function koreanOrdinal(nth: number): string {
  return ordinals[nth - 1] ?? `${nth}번째`;
}

/** A duration in its largest whole unit: `1분`, `90초`, `12.3초`. */
export function koreanDuration(durationMs: number): string {
  if (durationMs > 1_000 && durationMs % 1_000 !== 0) return `${durationMs / 1_000}초`;
  const [unit, sizeMs] = units.find(([, size]) => durationMs >= size && durationMs % size === 0) ?? [
    '초',
    1_000,
  ];
  return `${durationMs / sizeMs}${unit}`;
}
