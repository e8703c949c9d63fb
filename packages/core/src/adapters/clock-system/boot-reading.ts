import { uptime } from 'node:os';

/** Time since this machine started, ms; sleep counts. */
export function sinceMachineBootMs(): number {
  return uptime() * 1000;
}
