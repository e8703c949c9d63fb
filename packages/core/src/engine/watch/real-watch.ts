import { readClockState } from '../../adapters/health-node/clock-reader.ts';
import { readDisks } from '../../adapters/health-node/disk-reader.ts';
import { openLoopReader } from '../../adapters/health-node/loop-reader.ts';
import { readMemory } from '../../adapters/health-node/memory-reader.ts';
import { openPingServer } from '../../adapters/health-node/ping-server.ts';
import { callLifeSign } from '../../adapters/http-node/life-sign-call.ts';
import { serviceManager } from '../../adapters/processes-node/service-manager.ts';
import { systemEnvironment } from '../../adapters/secrets-node/system-environment.ts';
import { IsolationReading } from '../../watch/health/isolation-reading.ts';
import type { EngineParts } from '../engine-parts.ts';

/** How an engine on a real machine looks at that machine and tells the outside that it lives. */
export function realWatch(
  stateFolder: string,
): Pick<EngineParts, 'lookAtMachine' | 'lifeSigns' | 'networkIsolation' | 'openPingDoor'> {
  const manager = serviceManager(systemEnvironment);
  return {
    lookAtMachine: () => {
      const loop = openLoopReader();
      return {
        eventLoop: loop.read,
        disks: () => readDisks([stateFolder]),
        memory: () => readMemory(),
        clock: () => readClockState(),
        close: loop.close,
      };
    },
    networkIsolation: new IsolationReading(),
    openPingDoor: openPingServer,
    lifeSigns: { call: callLifeSign, ...(manager === undefined ? {} : { manager }) },
  };
}
