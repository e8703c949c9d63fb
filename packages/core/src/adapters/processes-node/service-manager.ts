import { execFile } from 'node:child_process';
import type { LifeSignPorts } from '../../engine/watch/life-signs.ts';

const TELL_WITHIN_MS = 5000;

/**
 * How systemd is told, when it started this process and listens. Node has no sockets of its kind, so its own program
 * is asked to tell it; the unit needs `NotifyAccess=all`.
 */
export function serviceManager(
  env: Readonly<Record<string, string | undefined>>,
  command = 'systemd-notify',
): LifeSignPorts['manager'] {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return undefined;
  const watchdogMs = Number(env['WATCHDOG_USEC'] ?? '') / 1000;
  const forUs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  return {
    tell: (state) => tell(command, state),
    // Twice as often as it is waited for, so that one late sign is no death.
    ...(forUs && watchdogMs >= 1000 ? { everyMs: Math.floor(watchdogMs / 2) } : {}),
  };
}

function tell(command: string, state: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, [`--pid=${process.pid}`, state], { timeout: TELL_WITHIN_MS }, (error) => {
      if (error === null) resolve();
      else reject(new Error(`${command} failed: ${error.code ?? error.message}`));
    });
  });
}
