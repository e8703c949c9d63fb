import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSocket } from '@qts-ops/core/client';
import { describeOpsClientKeep } from '@qts-ops/core/testing';
import { serveSocket } from './serve-socket.ts';

describeOpsClientKeep('the client over the socket', async (ops) => {
  const folder = mkdtempSync(join(tmpdir(), 'qts-ops-socket-'));
  const faults: unknown[] = [];
  const server = await serveSocket(ops, join(folder, 's'), { onFault: (error) => faults.push(error) });
  const client = connectSocket({ socketPath: server.socketPath, operatorId: 'tester' });
  return {
    client,
    async [Symbol.asyncDispose]() {
      await server.close();
      await client[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
      if (faults.length > 0) throw new AggregateError(faults, 'the API has faults');
    },
  };
});
