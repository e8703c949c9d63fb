import { readGuardMemory } from '../../keep/maintenance/guard-memory.ts';
import { BOOT_SETTLE_MS, type ClockEvidence } from '../../keep/retention/retention-guards.ts';
import type { KeepServices } from './keep-acts.ts';
import type { KeepRequest } from './keep-request.ts';

/** Time of the machine besides its wall clock, as the guards of deleting want to know it. */
export interface MachineTime {
  /** Never matches a later boot. */
  readonly bootId: string;
  /** Time since the machine started, ms; sleep counts. */
  sinceBootMs(): number;
  /** Whether a time source has set the wall clock; false also where the machine does not say. */
  isTimeSynced(): Promise<boolean>;
}

/** Whose clock it is, and what is remembered of it. */
export interface ClockQuestion {
  readonly services: Pick<KeepServices, 'files' | 'time'>;
  readonly request: Pick<KeepRequest, 'stateFolder' | 'periodMs'>;
}

/**
 * What is known about time besides the wall clock, for the guards over one data set or backup root. The machine is
 * asked for its time source only where the answer can matter: soon after a start, and when there were runs before.
 */
export async function clockEvidenceOf(
  { services, request }: ClockQuestion,
  guarded: string,
): Promise<Omit<ClockEvidence, 'nowMs'>> {
  const { time } = services;
  const { stateFolder, periodMs } = request;
  if (time === undefined) return { periodMs };
  const { bootId } = time;
  const sinceBootMs = time.sinceBootMs();
  const memory = readGuardMemory(services.files, { stateFolder, dataRoot: guarded });
  const isUnsettled = sinceBootMs < BOOT_SETTLE_MS && memory !== undefined && memory.boot?.id !== bootId;
  return {
    periodMs,
    bootId,
    sinceBootMs,
    ...(isUnsettled ? { timeSynced: await time.isTimeSynced() } : {}),
  };
}
