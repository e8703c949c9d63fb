import type { AlertLevel } from '../../ports/alert-channel.ts';
import type { CheckStatus } from '../../ports/health-check.ts';
import type { CheckLook, CheckState } from './check-state.ts';
import { flappingPercent } from './flapping-rules.ts';
import type { RegisteredCheck } from './registered-check.ts';
import type { Hold } from './signal-rules.ts';
import { type StatusNow, statusAt } from './staleness-rules.ts';

/** A check as it is shown at one instant. */
export interface CheckView {
  readonly id: string;
  readonly kind: string;
  readonly critical: boolean;
  /** Worked out now: unknown when nobody looked for too long. */
  readonly status: CheckStatus;
  readonly why?: StatusNow['why'];
  readonly ageMs?: number;
  /** When the last look will be too old to say anything, ms UTC; absent before the first look. */
  readonly staleAtMs?: number;
  /** Since when the confirmed status holds, ms UTC. */
  readonly sinceMs?: number;
  readonly last?: CheckLook;
  /** When a look last found anything, ms UTC; absent when none did. */
  readonly lastKnownAtMs?: number;
  readonly flapping: boolean;
  readonly flappingPercent: number;
  /** Level of the open alert about it; absent when none is open. */
  readonly alert?: AlertLevel;
  /** What holds back an alert about it; absent when nothing is held back. */
  readonly held?: Hold;
  /** True while its kind is set aside because its looks do not end. */
  readonly setAside: boolean;
  readonly intervalMs: number;
  readonly dependsOn: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** What is shown of a check. */
export function checkView(
  check: RegisteredCheck,
  state: CheckState | undefined,
  now: { readonly nowMs: number; readonly held: Hold | undefined; readonly setAside: boolean },
): CheckView {
  const { policy } = check;
  const { status, why, ageMs } = statusAt(state, now.nowMs);
  return {
    id: check.id,
    kind: check.kind,
    critical: policy.critical,
    status,
    ...(why === undefined ? {} : { why }),
    ...(ageMs === undefined ? {} : { ageMs }),
    ...(state?.last === undefined
      ? {}
      : { staleAtMs: (state.freshFromMs ?? state.last.atMs) + state.staleAfterMs }),
    ...(state === undefined ? {} : { sinceMs: state.sinceMs }),
    ...(state?.last === undefined ? {} : { last: state.last }),
    ...(state?.lastKnownAtMs === undefined ? {} : { lastKnownAtMs: state.lastKnownAtMs }),
    flapping: state?.flapping ?? false,
    flappingPercent: flappingPercent(state?.changes ?? ''),
    ...(state?.raised === undefined ? {} : { alert: state.raised.level }),
    ...(now.held === undefined ? {} : { held: now.held }),
    setAside: now.setAside,
    intervalMs: policy.intervalMs,
    dependsOn: policy.dependsOn,
    labels: policy.labels,
  };
}
