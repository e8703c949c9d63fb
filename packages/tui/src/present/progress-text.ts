import type { ProgressView } from '@qts-ops/core/client';
import { sizeText } from './size-text.ts';

/** How far a run is, short: `41 % 410/1000 rows`, `410 rows`, or `-` when the run says nothing. */
export function progressText(progress: ProgressView | undefined): string {
  if (progress === undefined) return '-';
  const { done, total, unit, failed } = progress;
  if (done === 0 && total === undefined && failed === 0) return '-';
  const share =
    total === undefined || total <= 0 ? '' : `${Math.min(100, Math.floor((done / total) * 100))} % `;
  if (unit === 'B') return `${share}${sizeText(done)}${total === undefined ? '' : ` of ${sizeText(total)}`}`;
  const count = total === undefined ? `${done}` : `${done}/${total}`;
  const failures = failed > 0 ? ` ${failed} failed` : '';
  return `${share}${count}${unit === undefined ? '' : ` ${unit}`}${failures}`;
}
