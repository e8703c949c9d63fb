import { execFile } from 'node:child_process';
import type { ClockState } from '../../watch/health/self-readers.ts';

const ANSWER_WITHIN_MS = 3000;

/** Whether the machine says that its clock is synchronised; machines without systemd do not say. */
export function readClockState(command = 'timedatectl'): Promise<ClockState> {
  return new Promise((resolve) => {
    const arguments_ = ['show', '--property=NTPSynchronized', '--value'];
    execFile(command, arguments_, { timeout: ANSWER_WITHIN_MS, encoding: 'utf8' }, (error, output) => {
      const word = error === null ? output.trim() : '';
      if (word === 'yes') resolve({ synchronised: true });
      else resolve(word === 'no' ? { synchronised: false } : {});
    });
  });
}
