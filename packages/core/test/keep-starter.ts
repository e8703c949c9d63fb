import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomId } from '../src/adapters/clock-system/random-id.ts';
import { nodeKeepLocks } from '../src/adapters/files-node/keep-lock.ts';
import { archiveStrategy } from '../src/keep/backup/archive-strategy.ts';
import { makeBackup } from '../src/keep/backup/backup-run.ts';
import { performMaintenance } from '../src/keep/maintenance/maintenance-run.ts';
import { dataRetentionPolicy } from '../src/keep/retention/named-policies.ts';
import { machineServices } from './machine-services.ts';

/* One of several processes that clean up the same data at once; says its status or the code of its error. */

const [, , folder = ''] = process.argv;
const services = machineServices();
const run = performMaintenance(
  {
    ...services,
    locks: nodeKeepLocks(),
    lockOwner: { pid: process.pid, host: 'desk-1', bootId: 'boot-1' },
    async makeBackup(request) {
      while (!existsSync(join(folder, 'release'))) await delay(20);
      return makeBackup(services, request);
    },
  },
  {
    ...{ runId: randomId(), dataRoot: join(folder, 'data'), backupRoot: join(folder, 'backups') },
    ...{ stateFolder: join(folder, 'state'), policy: dataRetentionPolicy(), backUp: 'expired-only' },
    strategy: archiveStrategy({ level: 1 }),
  },
);
const outcome = await run.then(
  ({ status }) => status,
  (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
);
process.stdout.write(`${outcome}\n`);
