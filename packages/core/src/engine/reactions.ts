import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Logger } from '../ports/logger.ts';
import type { TargetState } from '../run/targets/target.ts';
import type { OpsChange } from './ops-store.ts';

/**
 * Every "when X then Y" between chapters. In this version there is one, and it only writes a log line after the
 * commit; reactions that must happen will be further changes in the same transaction.
 */
export function alertLinesOf(changes: readonly OpsChange[]): readonly AlertLine[] {
  return changes.flatMap((change): readonly AlertLine[] => {
    if (change.kind !== 'target.update') return [];
    if (change.because === 'suspended') return [{ level: 'critical', text: suspendedText(change.state) }];
    if (change.because === 'recovered') return [{ level: 'warning', text: recoveredText(change.state) }];
    return [];
  });
}

/** One line for an alert channel. */
export interface AlertLine {
  readonly level: 'critical' | 'warning';
  readonly text: string;
}

/** Hands the lines to the channel; a channel that fails is reported and changes nothing else. */
export async function sendAlertLines(
  channel: AlertChannel,
  changes: readonly OpsChange[],
  logger: Logger,
): Promise<void> {
  for (const line of alertLinesOf(changes)) {
    try {
      await (line.level === 'critical' ? channel.sendCritical(line.text) : channel.sendWarning(line.text));
    } catch (error) {
      logger.error('an alert channel failed', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

function suspendedText(state: TargetState): string {
  const why = [state.lastErrorCode, state.lastErrorMessage].filter((part) => part !== undefined).join(' ');
  const breaker = state.breaker;
  const probe =
    breaker.kind === 'open' && breaker.probeAtMs !== undefined
      ? `next probe ${new Date(breaker.probeAtMs).toISOString()}`
      : 'an operator must reset it';
  return `target ${state.targetId} suspended after ${state.consecutiveErrors} errors in a row; last error: ${why}; ${probe}`;
}

function recoveredText(state: TargetState): string {
  return `target ${state.targetId} recovered; its runs go on`;
}
