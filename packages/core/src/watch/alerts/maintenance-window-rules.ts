import { type Alert, labelsOf } from './alert.ts';
import type { MaintenanceWindow } from './alert-settings.ts';
import { matchesAll } from './match-rules.ts';
import { isInHours } from './weekly-hours.ts';

/** The window that keeps an alert untold now; absent when none does. */
export function windowOf(
  alert: Alert,
  windows: readonly MaintenanceWindow[],
  nowMs: number,
): MaintenanceWindow | undefined {
  const labels = labelsOf(alert);
  return windows.find((window) => isInWindow(window, nowMs) && matchesAll(window.matchers, labels, true));
}

/** True while the window is open. A window without hours and without an end is never open. */
export function isInWindow(window: MaintenanceWindow, nowMs: number): boolean {
  const { hours, fromMs, toMs } = window;
  if (fromMs !== undefined && nowMs < fromMs) return false;
  if (toMs !== undefined && nowMs >= toMs) return false;
  if (hours !== undefined) return isInHours(hours, nowMs);
  return fromMs !== undefined && toMs !== undefined;
}
